"""DiffAugment: what the discriminator sees is changed at random, real and made pictures alike, and gradients pass.

Without it, a few thousand faces are learned by heart. The changes are drawn outside the network and go in as numbers,
so every Keras backend makes the same ones, and a resumed run draws what an unbroken one draws. Zhao et al.,
"Differentiable Augmentation for Data-Efficient GAN Training", NeurIPS 2020: colour, translation, cutout.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SHIFT = 1 / 8  # of the side, at most
HOLE = 1 / 2  # side of the hole, as a share of the picture's
LIGHT, SATURATION, CONTRAST = 0.4, (0.0, 2.0), (0.5, 1.5)


def draw(rng: np.random.Generator, count: int, side: int) -> list[Floats]:
    """Changes for so many pictures.

    Args:
        rng: Where they are drawn from.
        count: Number of pictures.
        side: Of the pictures, pixels.

    Returns:
        Light, saturation and contrast, shape (count, 3); where each row and each column comes from, (count, side, side)
        each, 0 or 1; and what is seen, (count, side, side, 1), 0 or 1.
    """
    tone = np.stack(
        [rng.uniform(-LIGHT, LIGHT, count), rng.uniform(*SATURATION, count), rng.uniform(*CONTRAST, count)],
        axis=1,
    )
    reach = round(SHIFT * side)
    down, across = (
        np.stack([np.eye(side, k=int(k)) for k in rng.integers(-reach, reach + 1, count)]) for _ in "yx"
    )
    seen = np.stack([_with_hole(rng, side) for _ in range(count)])
    return [part.astype(np.float32) for part in (tone, down, across, seen)]


def augmentation_inputs(side: int, of: str) -> list[Any]:
    """Keras inputs of the shapes that `draw` gives, for the pictures of this name."""
    import keras

    shapes = {"tone": (3,), "down": (side, side), "across": (side, side), "seen": (side, side, 1)}
    return [keras.Input(shape, name=f"{name}_{of}") for name, shape in shapes.items()]


def augmented(pixels: Any, tone: Any, down: Any, across: Any, seen: Any) -> Any:
    """Pictures (n, side, side, 3), -1 to 1, changed as `draw` says."""
    from keras import ops

    light, saturation, contrast = (ops.reshape(tone[:, i], (-1, 1, 1, 1)) for i in range(3))
    x = pixels + light
    grey = ops.mean(x, axis=-1, keepdims=True)
    x = (x - grey) * saturation + grey
    middle = ops.mean(x, axis=(1, 2, 3), keepdims=True)
    x = (x - middle) * contrast + middle
    side, channels = x.shape[1], x.shape[3]
    x = ops.matmul(down, ops.reshape(x, (-1, side, side * channels)))
    x = ops.transpose(ops.reshape(x, (-1, side, side, channels)), (0, 2, 1, 3))
    x = ops.matmul(across, ops.reshape(x, (-1, side, side * channels)))
    return ops.transpose(ops.reshape(x, (-1, side, side, channels)), (0, 2, 1, 3)) * seen


def _with_hole(rng: np.random.Generator, side: int) -> Floats:
    """1 but for a square somewhere, partly outside."""
    seen, half = np.ones((side, side, 1), np.float32), round(HOLE * side / 2)
    y, x = (int(at) for at in rng.integers(0, side + 1, 2))
    seen[max(0, y - half) : y + half, max(0, x - half) : x + half] = 0
    return seen
