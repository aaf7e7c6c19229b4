"""MobileNetV2 with the two heads of `heads`: one says how fake a face is, the other where.

Source of the backbone: Sandler et al., "MobileNetV2", CVPR 2018.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catchlight.detector.models import heads

STRIDE_16 = "block_13_expand_relu"


def build(side: int, backbone_weights: Path | None = None) -> Any:
    """Build the network.

    Args:
        side: Side of the input in pixels, a multiple of 32.
        backbone_weights: ImageNet weights for `keras.applications.MobileNetV2`; None starts at random.

    Returns:
        A `keras.Model` from RGB 0..255, shape (n, side, side, 3), to ``score`` (n, 1), the probability of fake,
        and ``heatmap`` (n, side / 16, side / 16, 1), 0 to 1.
    """
    import keras

    inputs = keras.Input((side, side, 3), name="image")
    scaled = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    backbone = keras.applications.MobileNetV2(
        input_tensor=scaled, include_top=False, weights=None, input_shape=(side, side, 3)
    )
    if backbone_weights is not None:
        backbone.load_weights(str(backbone_weights))
    _set_momentum(backbone)
    middle = backbone.get_layer(STRIDE_16).output
    return keras.Model(inputs, heads.both(middle, backbone.output), name="mobilenet")


def _set_momentum(backbone: Any) -> None:
    for layer in backbone.layers:
        if hasattr(layer, "momentum"):
            layer.momentum = heads.BATCH_NORM_MOMENTUM
