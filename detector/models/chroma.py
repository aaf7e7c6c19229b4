"""How much fine detail of colour a face has, for a network's last layer to read as well.

A camera measures each pixel through a filter of one colour and fills in the others, and compression keeps little of
fine colour; a network that draws a face makes colour in its own way, and its fine chroma gives it away (Li, Li, Tan &
Huang, "Identification of deep network generated images using disparities in color components", Signal Processing 2020).
Here: the energy of each frequency of the 8 x 8 cosine transform, in both chroma channels, in the inner face and around
it. Slow frequencies are left out: they hold skin tone and light, by which nobody shall be judged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.models import last_layer, texture

NAME = "chromatic"  # of the layer in which it joins what the last layer reads
BLOCK, STRIDE = 8, 4  # side of the transform and from one block to the next, in pixels
SLOW = 2  # frequencies whose two indices sum to this or less are left out
# Added to an energy before its logarithm: compression leaves less than this, and how much less says nothing.
FLOOR = 0.5
CHROMA = ((-0.169, -0.331, 0.5), (0.5, -0.419, -0.081))  # Cb and Cr of RGB (ITU-R BT.601)
# Middle, half width and half height of the inner face in an aligned crop, in sides of it.
MIDDLE, HALF = (0.5, 0.52), (0.27, 0.36)


def build(side: int, backbone_weights: Any = None) -> Any:
    """Build MobileNetV2 whose last layer reads texture and chroma; arguments and result as of `mobilenet.build`."""
    return chromatic(texture.build(side, backbone_weights))


def chromatic(model: Any) -> Any:
    """Let the last layer of a network read fine chroma, too.

    Args:
        model: A `keras.Model` from RGB 0..255, shape (n, side, side, 3), with the layer ``score``.

    Returns:
        A `keras.Model` with the same input, outputs and weights, whose layer ``score`` also reads the numbers of
        `energies`; its weights for them are 0, so that it says what it said. A network that reads them already is
        given back.
    """
    return last_layer.reading(model, [energies(model.input)], NAME)


def energies(images: Any) -> Any:
    """Logarithms of the energy of fine chroma.

    Args:
        images: A tensor of RGB 0..255, shape (n, side, side, 3), ``side`` at least 16.

    Returns:
        A tensor, shape (n, 4 * frequencies): Cb then Cr, in the inner face and then in the rest.
    """
    from keras import ops

    filters = _filters()
    squared = ops.square(ops.conv(ops.cast(images, "float32"), filters, STRIDE, "valid"))
    parts = []
    for region in _regions(int(images.shape[1])):
        mean = ops.sum(squared * region[None, :, :, None], (1, 2)) / float(region.sum())
        parts.append(ops.log(mean + FLOOR))
    return ops.concatenate(parts, -1)


def _filters() -> NDArray[np.float32]:
    """The cosine transform of both chroma channels as filters of RGB, shape (8, 8, 3, 2 * frequencies)."""
    place, wave = np.meshgrid(np.arange(BLOCK), np.arange(BLOCK))
    rows = np.cos(np.pi * (2 * place + 1) * wave / (2 * BLOCK)) * np.sqrt(2 / BLOCK)
    rows[0] /= np.sqrt(2)
    down, across = np.nonzero(np.add.outer(np.arange(BLOCK), np.arange(BLOCK)) > SLOW)
    waves = rows[down][:, :, None] * rows[across][:, None, :]
    made: NDArray[np.float64] = np.einsum("fyx,kc->yxckf", waves, np.array(CHROMA))
    filters: NDArray[np.float32] = made.reshape(BLOCK, BLOCK, 3, -1).astype(np.float32)
    return filters


def _regions(side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """1 where a block lies in the inner face, an ellipse, and 1 where it does not."""
    middles = (np.arange(0, side - BLOCK + 1, STRIDE) + (BLOCK - 1) / 2) / (side - 1)
    across, down = np.meshgrid((middles - MIDDLE[0]) / HALF[0], (middles - MIDDLE[1]) / HALF[1])
    inner = (across**2 + down**2 < 1).astype(np.float32)
    return inner, 1 - inner
