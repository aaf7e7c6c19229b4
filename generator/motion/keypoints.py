"""Key points and local affine maps of a face's motion, from landmarks.

A key point is the middle of a part of the face; its map says where, near it, each point of the driving picture comes
from in the source. It is fitted to the part's landmarks, and kept near to the map of the whole face where they don't
tell, as those of a closed mouth do across it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Points
from catchlight.generator.warp import affine

_UPPER = (61, 40, 37, 0, 267, 270, 291, 80, 13, 310)
_LOWER = (61, 91, 84, 17, 314, 321, 291, 88, 14, 318)
PARTS: tuple[tuple[int, ...], ...] = (
    lm.LEFT_EYE,
    lm.RIGHT_EYE,
    lm.LEFT_BROW,
    lm.RIGHT_BROW,
    (6, 168, 197, 195, 5, 122, 351),  # bridge of the nose
    (1, 2, 4, 98, 327, 48, 278, 64, 294),  # its tip and wings
    _UPPER,
    _LOWER,
    (61, 40, 91, 37, 84, 80, 88, 57),  # right corner of the mouth
    (291, 270, 321, 267, 314, 310, 318, 287),  # left corner
    (152, 148, 377, 176, 400, 200, 199, 175, 18),  # chin
    (234, 93, 132, 58, 172, 136, 123, 147),  # right side
    (454, 323, 361, 288, 397, 365, 352, 376),  # left side
    (10, 109, 338, 151, 9, 67, 297),  # forehead
    (50, 280, 205, 425, 101, 330, 36, 266),  # cheeks
)
FIRM = 0.05  # how far landmarks must spread to tell a map of their own, in half sides


def motion(source: Points, driving: Points, side: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Maps and places for `networks.motion`.

    Args:
        source: Landmarks of the picture that is moved, float32 (478, 2), its pixels.
        driving: Landmarks that its face shall have, likewise, pixels of the result.
        side: Of both pictures, pixels.

    Returns:
        Maps, float32 (points, 6), rows of (2, 3) affine maps from the result to the source, and places in the result,
        float32 (points, 2); in half sides from the middle.

    Example:
        >>> face = np.random.default_rng(1).uniform(9, 50, (478, 2)).astype(np.float32)
        >>> motion(face, face + 2, 64)[0].shape
        (15, 6)
    """
    onto, of = (units(points, side) for points in (source, driving))
    whole = affine(of.astype(np.float32), onto.astype(np.float32))
    maps, places = [], []
    for part in PARTS:
        a, b = of[list(part)], onto[list(part)]
        middle, other = a.mean(axis=0), b.mean(axis=0)
        spread, keep = a - middle, len(part) * FIRM**2
        linear = ((b - other).T @ spread + keep * whole[:, :2]) @ np.linalg.inv(
            spread.T @ spread + keep * np.eye(2)
        )
        maps.append(np.column_stack([linear, other - linear @ middle]).ravel())
        places.append(middle)
    return np.asarray(maps, np.float32), np.asarray(places, np.float32)


def units(points: Points, side: int) -> NDArray[np.float64]:
    """Points in pixels as half sides from the middle."""
    return (np.asarray(points, np.float64) + 0.5) * (2 / side) - 1
