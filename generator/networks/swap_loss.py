"""What a swap network is trained by, and what it is measured by: both only where the face is.

DSSIM: Wang et al., "Image quality assessment", TIP 2004; with L1: Zhao et al., "Loss Functions for Image Restoration",
TCI 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from catchlight.generator.networks.train_autoencoder import ssim


def swap_loss(dssim: float, mask: float) -> Callable[[Any, Any], Any]:
    """L1 where the face is, by importance, plus ``dssim`` * DSSIM and ``mask`` * L1 of the mask, in `keras.ops`.

    The function takes what is wanted, RGB 0 to 1 and `conditions.importance` of shape (n, side, side, 4), and what was
    made, RGB and mask.
    """
    from keras import ops

    def loss(wanted: Any, made: Any) -> Any:
        weights, near, face = _areas(wanted)
        l1 = ops.sum(weights * ops.abs(wanted[..., :3] - made[..., :3])) / (3 * ops.sum(weights) + 1e-6)
        unlike = (1 - ssim(wanted[..., :3] * near, made[..., :3] * near)) / 2
        structure = ops.mean(unlike) / (ops.mean(near) + 1e-6)
        return l1 + dssim * structure + mask * ops.mean(ops.abs(face - made[..., 3:]))

    return loss


def likeness(wanted: Any, made: Any) -> tuple[float, float]:
    """PSNR in dB and SSIM of pictures within the face; arguments as those of `swap_loss`."""
    wanted, made = np.asarray(wanted, np.float32), np.asarray(made, np.float32)
    face = wanted[..., 3:] >= 1
    error = np.square(wanted[..., :3] - made[..., :3])[np.broadcast_to(face, (*face.shape[:3], 3))].mean()
    near = face.astype(np.float32)
    alike = 1 - (1 - np.asarray(ssim(wanted[..., :3] * near, made[..., :3] * near))).mean() / near.mean()
    return float(-10 * np.log10(max(error, 1e-10))), float(alike)


def _areas(wanted: Any) -> tuple[Any, Any, Any]:
    from keras import ops

    weights = wanted[..., 3:]
    near, face = (ops.cast(found, "float32") for found in (weights > 0, weights >= 1))
    return weights, near, face
