"""What faces are compared by: numbers of a network that was not trained on them.

`ImageNetFeatures` of MobileNetV2, where its weights are given, are the better measure. `RandomFeatures` of a network of
fixed random weights need no file: distances between sets of pictures that they give are coarser, but follow quality
too (Naeem et al., "Reliable Fidelity and Diversity Metrics", ICML 2020, on random networks). Distances by one must not
be compared with distances by the other, nor with those of published work, which takes Inception's features.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels

Floats = NDArray[np.float32]
IMAGENET_SIDE = 96  # px that faces are brought to for MobileNetV2
WIDTHS = (32, 64, 128)  # channels of the random network
SEED = 20  # of its weights; another one makes another measure


class Features(Protocol):
    """Pictures to numbers.

    Attributes:
        name: Goes into logs and cards, because distances depend on it.
    """

    name: str

    def __call__(self, images: Pixels) -> Floats:
        """Features of RGB uint8 pictures (n, side, side, 3): shape (n, d)."""
        ...


def features_by(backbone: Path | None) -> Features:
    """The features of an ImageNet backbone, or random ones without it.

    Raises:
        ConfigError: The file can't be read as MobileNetV2's weights without the top.
    """
    return ImageNetFeatures(backbone) if backbone else RandomFeatures()


class ImageNetFeatures:
    """Means of MobileNetV2's last feature maps, 1,280 numbers (Sandler et al., CVPR 2018).

    Args:
        weights: Keras' ImageNet weights without the top, width 1.

    Raises:
        ConfigError: They can't be read.
    """

    name = "mobilenet_v2"

    def __init__(self, weights: Path) -> None:
        import keras

        try:
            self._model = keras.applications.MobileNetV2(
                (IMAGENET_SIDE, IMAGENET_SIDE, 3), include_top=False, weights=str(weights), pooling="avg"
            )
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{weights} holds no weights of MobileNetV2 without its top: {error}"
            ) from error

    def __call__(self, images: Pixels) -> Floats:
        """Features of shape (n, 1280)."""
        import cv2

        side = (IMAGENET_SIDE, IMAGENET_SIDE)
        sized = np.stack([cv2.resize(image, side, interpolation=cv2.INTER_CUBIC) for image in images])
        return _in_batches(self._model, sized.astype(np.float32) / 127.5 - 1)


class RandomFeatures:
    """Three convolutions of fixed random weights; means of each level, and of the last one's quarters too."""

    name = "random_convolutions"

    def __init__(self) -> None:
        import keras

        x = pixels = keras.Input((None, None, 3))
        pooled = []
        for level, width in enumerate(WIDTHS):
            x = keras.layers.Conv2D(
                width, 5 if level == 0 else 3, strides=2, padding="same", activation="relu"
            )(x)
            pooled.append(keras.layers.GlobalAveragePooling2D()(x))
        quarters = keras.layers.Conv2D(WIDTHS[-1], 3, strides=2, padding="same", activation="relu")(x)
        pooled.append(keras.layers.GlobalMaxPooling2D()(quarters))
        self._model = keras.Model(pixels, keras.layers.Concatenate()(pooled))
        rng = np.random.default_rng(SEED)
        shapes = [w.shape for w in self._model.get_weights()]
        # He's scale, biases 0: the same numbers with every Keras backend.
        self._model.set_weights(
            [
                rng.standard_normal(s) * np.sqrt(2 / np.prod(s[:3])) if len(s) == 4 else np.zeros(s)
                for s in shapes
            ]
        )

    def __call__(self, images: Pixels) -> Floats:
        """Features of shape (n, 352)."""
        return _in_batches(self._model, images.astype(np.float32) / 127.5 - 1)


def _in_batches(model: Any, pixels: Floats, size: int = 64) -> Floats:
    parts = [np.asarray(model(pixels[i : i + size], training=False)) for i in range(0, len(pixels), size)]
    return np.asarray(np.concatenate(parts), np.float32)
