"""What happens to the surface of a face: made smoother, or put into another light. Sharpening is `degrade.sharpen`."""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.detector.types import Pixels

EDGE = 18.0  # grey levels of contrast in a window from which on it counts as an edge
DISPLAY = 2.2  # exponent from levels to light


def smooth(image: Pixels, amount: float, reach: float = 0.02) -> Pixels:
    """Take fine texture away and keep edges, as beauty filters do.

    Args:
        image: RGB uint8, shape (height, width, 3).
        amount: 0 (nothing) to 1 (all texture finer than ``reach``).
        reach: Radius of the filter's window, as a share of the height.

    Returns:
        RGB uint8, same shape. Guided filter, the picture its own guide (He, Sun & Tang, "Guided Image Filtering", ECCV
        2010), mixed with the picture.

    Example:
        >>> rough = np.random.default_rng(1).integers(100, 120, (64, 64, 3)).astype(np.uint8)
        >>> bool(smooth(rough, 1.0).std() < 0.5 * rough.std())
        True
    """
    size = 2 * max(1, round(reach * image.shape[0])) + 1
    values = image.astype(np.float32)
    mean = cv2.blur(values, (size, size))
    variance = cv2.blur(values * values, (size, size)) - mean * mean
    kept = variance / (variance + EDGE**2)
    plain = cv2.blur(kept, (size, size)) * values + cv2.blur(mean * (1 - kept), (size, size))
    mixed = np.clip(values + np.float32(amount) * (plain - values) + 0.5, 0, 255)
    return np.asarray(mixed, np.uint8)


def relight(image: Pixels, centre: tuple[float, float], radius: float, angle: float, stops: float) -> Pixels:
    """Add light from one side: a gradient across the picture, brighter towards it and darker away from it.

    Args:
        image: RGB uint8, shape (height, width, 3).
        centre: Where nothing changes, pixels (x, y).
        radius: Distance from there, in pixels, at which the change reaches ``stops``; beyond it stays.
        angle: Direction of the light in radians, 0 from the right, positive downwards.
        stops: Change of light as a power of two.

    Returns:
        RGB uint8, same shape. As if shaded by a plane that is turned towards the light (Lambert), with levels read as
        light to the power of 1 / 2.2.

    Example:
        >>> lit = relight(np.full((64, 64, 3), 100, np.uint8), (32, 32), 20, 0.0, 1.0)
        >>> lit[32, [2, 32, 62], 0].tolist()
        [73, 100, 137]
    """
    height, width = image.shape[:2]
    x = (np.arange(width, dtype=np.float32)[None] - centre[0]) * np.float32(np.cos(angle) / radius)
    y = (np.arange(height, dtype=np.float32)[:, None] - centre[1]) * np.float32(np.sin(angle) / radius)
    gain = np.exp2(np.clip(x + y, -1, 1) * np.float32(stops / DISPLAY))
    return np.asarray(np.clip(image * gain[..., None] + 0.5, 0, 255), np.uint8)
