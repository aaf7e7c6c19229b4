"""MobileNetV2 with two heads: one says how fake a face is, the other where.

The score reads three things: what the whole network sees, the texture half way up (stride 16), and the
strongest evidence anywhere on the map, because a forged mouth is a small part of a face. The second head
learns the forged region (LAA-Net, Nguyen et al., CVPR 2024, found that it also makes the score generalise).
Source of the backbone: Sandler et al., "MobileNetV2", CVPR 2018.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

STRIDE_16 = "block_13_expand_relu"
# keras.applications sets 0.999, which lags so far behind that validation means nothing for the first
# thousands of steps.
BATCH_NORM_MOMENTUM = 0.98


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
    from keras import layers

    inputs = keras.Input((side, side, 3), name="image")
    scaled = layers.Rescaling(1 / 127.5, offset=-1.0)(inputs)
    backbone = keras.applications.MobileNetV2(
        input_tensor=scaled, include_top=False, weights=None, input_shape=(side, side, 3)
    )
    if backbone_weights is not None:
        backbone.load_weights(str(backbone_weights))
    _set_momentum(backbone)
    middle = backbone.get_layer(STRIDE_16).output
    evidence = layers.Conv2D(64, 1, activation="relu", name="evidence")(middle)
    heatmap = layers.Conv2D(1, 1, activation="sigmoid", dtype="float32", name="heatmap")(evidence)
    pooled = [
        layers.GlobalAveragePooling2D()(backbone.output),
        layers.GlobalAveragePooling2D()(middle),
        layers.GlobalMaxPooling2D()(evidence),
    ]
    features = layers.Dropout(0.3)(layers.Concatenate()(pooled))
    score = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")(features)
    return keras.Model(inputs, {"score": score, "heatmap": heatmap}, name="mobilenet")


def _set_momentum(backbone: Any) -> None:
    for layer in backbone.layers:
        if hasattr(layer, "momentum"):
            layer.momentum = BATCH_NORM_MOMENTUM
