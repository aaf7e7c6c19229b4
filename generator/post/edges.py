"""Edges of masks: softened, or moved outwards or inwards.

Each takes a mask, float32 of shape (height, width), 0 to 1, and gives another one.
"""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.generator.types import Mask


def feather(mask: Mask, size: int, sigma: float = 0.0) -> Mask:
    """Soften the edge, and lift the highest value back to 1.

    Args:
        mask: The mask; one of zeros stays so.
        size: Side of the Gaussian kernel in pixels, odd.
        sigma: Its standard deviation in pixels; 0 derives it from ``size`` as OpenCV does.

    Example:
        >>> soft = feather(np.eye(9, dtype=np.float32), 3)
        >>> bool(soft.max() == 1), bool(0 < soft[0, 1] < 1)
        (True, True)
    """
    soft = np.asarray(cv2.GaussianBlur(mask, (size, size), sigma), np.float32)
    return soft / max(float(soft.max()), 1e-6)


def grow(mask: Mask, pixels: float) -> Mask:
    """Move the edge outwards by ``pixels`` (grey dilation by a disc); inwards where they are negative.

    Source: Serra, "Image Analysis and Mathematical Morphology", 1982. Less than half a pixel changes nothing.
    """
    reach = round(abs(pixels))
    if reach == 0:
        return mask
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    change = cv2.dilate if pixels > 0 else cv2.erode
    return np.asarray(change(mask, disc), np.float32)
