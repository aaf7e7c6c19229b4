"""Several networks that were trained apart, as one: what one has learned wrongly, another may not have.

Source: Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles", NeurIPS
2017; here the logits are averaged, which one last layer over all features does. The networks lie inside one compiled
network: whoever scores notices nothing but the time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catchlight.detector.errors import ConfigError
from catchlight.detector.models.last_layer import reader


def jury(members: Sequence[Any]) -> Any:
    """Join trained networks into one.

    Args:
        members: Models of `keras`, from RGB 0..255, shape (n, side, side, 3), to ``score`` and perhaps ``heatmap``; all
            of one side and with the same outputs.

    Returns:
        A `keras.Model` with the same input and outputs: the mean of the members' logits as a probability, and the
        mean of their heatmaps.

    Raises:
        ConfigError: If they don't fit each other.
    """
    import keras
    from keras import layers

    shapes = {(member.input_shape, tuple(member.output_names)) for member in members}
    if len(shapes) != 1:
        raise ConfigError(
            f"networks of one bundle must read crops of one side and have the same outputs; received {shapes}"
        )
    inputs = keras.Input(members[0].input_shape[1:], name="image")
    seen = [reader(member)(inputs, training=False) for member in members]
    judge = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")
    outputs = {"score": judge(layers.Concatenate()([each["features"] for each in seen]))}
    _mean_judge(judge, [member.get_layer("score") for member in members])
    if "heatmap" in members[0].output_names:
        outputs["heatmap"] = layers.Average(name="heatmap")([each["heatmap"] for each in seen])
    return keras.Model(inputs, outputs, name=f"{members[0].name}_jury")


def _mean_judge(judge: Any, judges: Sequence[Any]) -> None:
    kernels, biases = zip(*(each.get_weights() for each in judges), strict=True)
    judge.set_weights([np.concatenate(kernels) / len(judges), np.mean(biases, axis=0)])
