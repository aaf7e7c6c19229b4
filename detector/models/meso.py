"""MesoNet (Meso-4): a network of 28 thousand weights that looks at texture half way between noise and shape.

It proves that the registry, the contract and the bundle carry more than one network, and it is a fair
baseline: what a network that costs next to nothing can see. Source: Afchar et al., "MesoNet: a Compact
Facial Video Forgery Detection Network", WIFS 2018.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from catchlight.detector.errors import ConfigError

# filters, kernel, pooling of each block
BLOCKS = ((8, 3, 2), (8, 5, 2), (16, 5, 2), (16, 5, 4))


def build(side: int, backbone_weights: Path | None = None) -> Any:
    """Build the network.

    Args:
        side: Side of the input in pixels, a multiple of 32.
        backbone_weights: Must be None; it starts at random.

    Returns:
        A `keras.Model` from RGB 0..255, shape (n, side, side, 3), to ``score`` (n, 1), the probability of fake.

    Raises:
        ConfigError: If weights are given.
    """
    if backbone_weights is not None:
        raise ConfigError("meso starts at random; leave backbone_weights out of its configuration")
    import keras
    from keras import layers

    inputs = keras.Input((side, side, 3), name="image")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters, kernel, pooling in BLOCKS:
        x = layers.Conv2D(filters, kernel, padding="same", activation="relu")(x)
        x = layers.BatchNormalization(momentum=0.98)(x)
        x = layers.MaxPooling2D(pooling, padding="same")(x)
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    x = layers.Dropout(0.5)(layers.LeakyReLU(negative_slope=0.1)(layers.Dense(16)(x)))
    score = layers.Dense(1, activation="sigmoid", dtype="float32", name="score")(x)
    return keras.Model(inputs, {"score": score}, name="meso")
