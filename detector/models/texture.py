"""How coarse or fine, even or uneven a face looks to a network's early layers, for its last layer to read as well.

Late layers tell what a network was taught to look for. What early layers see, averaged over the crop (mean and spread
of each channel), describes texture, in which tools differ that nobody taught it (after Liu, Qi & Torr, "Global texture
enhancement for fake face detection in the wild", CVPR 2020, who feed Gram matrices; means and spreads are their
diagonal). Nothing is trained but the last layer, and a face costs hardly more.
"""

from __future__ import annotations

from typing import Any

from catchlight.detector.errors import ConfigError
from catchlight.detector.models import last_layer, mobilenet

# At a half, a quarter, an eighth and a sixteenth of the crop's side.
LAYERS = ("block_1_expand_relu", "block_3_expand_relu", "block_6_expand_relu", "block_10_expand_relu")
JOINED = "textured"
TINY = 1e-5  # under the root, whose slope has no end at 0


def build(side: int, backbone_weights: Any = None) -> Any:
    """Build MobileNetV2 whose last layer reads texture, too; arguments and result as of `mobilenet.build`."""
    return textured(mobilenet.build(side, backbone_weights))


def textured(model: Any) -> Any:
    """Let the last layer of a network read texture, too.

    Args:
        model: A `keras.Model` from `mobilenet.build`.

    Returns:
        A `keras.Model` with the same input, outputs and weights, whose layer ``score`` also reads the mean and the
        spread of each channel of `LAYERS`; its weights for them are 0, so that it says what it said. A network
        that reads texture already is given back.

    Raises:
        ConfigError: If the network has no such layers.
    """
    missing = [name for name in LAYERS if name not in {layer.name for layer in model.layers}]
    if missing:
        raise ConfigError(f"{model.name} has no layers {missing}, of which texture is read; take mobilenet")
    parts = [part for name in LAYERS for part in _moments(model.get_layer(name).output)]
    return last_layer.reading(model, parts, JOINED)


def _moments(features: Any) -> tuple[Any, Any]:
    """Mean and standard deviation of each channel over the picture."""
    from keras import layers, ops

    mean = layers.GlobalAveragePooling2D()(features)
    square = layers.GlobalAveragePooling2D()(ops.square(features))
    return mean, ops.sqrt(ops.maximum(square - ops.square(mean), 0.0) + TINY)
