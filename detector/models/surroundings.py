"""A face is held against real faces of the same sharpness: what its surroundings explain is taken from the score.

Most forgeries of training are softer than the photographs that they were made of, so a network becomes in part a
meter of sharpness: whoever is filmed by a poor camera looks forged to it, and a crisp portrait of nobody looks real.
How sharp a *picture* is shows in what lies around the face, which no face swap touches. So the logit of real faces is
regressed on the sharpness of their surroundings, and what that explains is subtracted (a covariate is adjusted for, as
in the analysis of covariance). A face that is softer than its own surroundings stays suspicious.

Sharpness is two more features beside the network's own, so all of it lies inside the compiled network.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import TrainingError
from catchlight.detector.models.last_layer import reader
from catchlight.detector.types import Pixels

SCALES = (1, 4)  # sharpness of the crop, and of the crop shrunk to a quarter: grain and JPEG, and focus
ACROSS, ALONG = 0.33, 0.36  # half axes of the ellipse that the face is in, as shares of the side
LUMA = (0.299, 0.587, 0.114)
LEAST = 20  # real faces, below which a slope is chance


def discounted(model: Any, reals: Iterable[Pixels]) -> Any:
    """Take from a network's score what the sharpness of the surroundings explains of it in real faces.

    Args:
        model: A `keras.Model` from RGB 0..255, shape (n, side, side, 3), to ``score`` and perhaps ``heatmap``.
        reals: Crops of real faces as uint8, shape (n, side, side, 3), a part at a time; of many cameras.

    Returns:
        A `keras.Model` with the same input and outputs; the mean logit of these faces is unchanged.

    Raises:
        TrainingError: If there are too few faces, or what they give is not finite.
    """
    import keras
    from keras import layers

    inputs = keras.Input(model.input_shape[1:], name="image")
    sharp = _sharpness_layer()(inputs)
    seen = reader(model)(inputs, training=False)
    old = model.get_layer("score")
    judge = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")
    outputs = {"score": judge(layers.Concatenate()([seen["features"], sharp]))}
    if "heatmap" in model.output_names:
        outputs["heatmap"] = layers.Identity(name="heatmap")(seen["heatmap"])
    kernel, bias = old.get_weights()
    slopes, middle = _explained(keras.Model(inputs, {**seen, "sharpness": sharp}), (kernel, bias), reals)
    judge.set_weights(
        [np.concatenate([kernel, -slopes[:, None]]).astype(np.float32), bias + np.float32(middle @ slopes)]
    )
    return keras.Model(inputs, outputs, name=f"{model.name}_discounted")


def _explained(
    read: Any, judge: tuple[NDArray[np.float32], NDArray[np.float32]], reals: Iterable[Pixels]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much the logit of real faces rises with each sharpness, and the mean sharpness of all."""
    parts = [read.predict_on_batch(part) for part in reals]
    count = sum(len(part["sharpness"]) for part in parts)
    if count < LEAST:
        raise TrainingError(
            f"expected at least {LEAST} real faces to learn what sharpness explains; received {count}. Set "
            "`surroundings` to 0, or add real people."
        )
    sharp, features = (
        np.concatenate([part[name] for part in parts]).astype(np.float64)
        for name in ("sharpness", "features")
    )
    logits, middle = features @ judge[0][:, 0] + judge[1][0], sharp.mean(axis=0)
    if not np.isfinite(logits).all():
        raise TrainingError(
            "the network gives values that are not finite for real faces; look at the run's log"
        )
    return np.linalg.lstsq(sharp - middle, logits - logits.mean(), rcond=None)[0], middle


def _sharpness_layer() -> Any:
    import keras
    from keras import ops

    class Sharpness(keras.layers.Layer):  # type: ignore[misc]
        """Mean absolute Laplacian outside the ellipse of the face, as a logarithm, at each of `SCALES`."""

        def call(self, images: Any) -> Any:
            grey = ops.sum(images * np.array(LUMA, np.float32), axis=-1, keepdims=True)
            return ops.concatenate([self._at(grey, scale) for scale in SCALES], axis=-1)

        def _at(self, grey: Any, scale: int) -> Any:
            small = ops.average_pool(grey, scale, scale) if scale > 1 else grey
            outside = _outside(int(small.shape[1]), int(small.shape[2]))
            around = small[:, :-2, 1:-1] + small[:, 2:, 1:-1] + small[:, 1:-1, :-2] + small[:, 1:-1, 2:]
            edges = ops.abs(4.0 * small[:, 1:-1, 1:-1] - around)
            return ops.log(ops.sum(edges * outside, axis=(1, 2)) / float(outside.sum()) + 1.0)

    return Sharpness()


def _outside(height: int, width: int) -> NDArray[np.float32]:
    """1 outside the ellipse of the face and 0 inside, without the rim; float32, shape (height - 2, width - 2, 1)."""
    rows, columns = np.mgrid[1 : height - 1, 1 : width - 1] + 0.5
    distance = np.hypot((columns / width - 0.5) / ACROSS, (rows / height - 0.5) / ALONG)
    return np.asarray(distance > 1, np.float32)[..., None]
