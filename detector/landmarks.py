"""Names for MediaPipe's 478 face landmarks, so that no other file holds a bare index.

"Left" and "right" are the person's own, as in MediaPipe. The last ten points are the irises.
Source: Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from catchlight.detector.types import Box, Points

COUNT: Final = 478

FACE_OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
LIPS: Final = (
    0, 13, 14, 17, 37, 39, 40, 61, 78, 80, 81, 82, 84, 87, 88, 91, 95, 146, 178, 181, 185, 191, 267, 269,
    270, 291, 308, 310, 311, 312, 314, 317, 318, 321, 324, 375, 402, 405, 409, 415,
)  # fmt: skip
LEFT_EYE: Final = (249, 263, 362, 373, 374, 380, 381, 382, 384, 385, 386, 387, 388, 390, 398, 466)
RIGHT_EYE: Final = (7, 33, 133, 144, 145, 153, 154, 155, 157, 158, 159, 160, 161, 163, 173, 246)
LEFT_BROW: Final = (276, 282, 283, 285, 293, 295, 296, 300, 334, 336)
RIGHT_BROW: Final = (46, 52, 53, 55, 63, 65, 66, 70, 105, 107)
NOSE: Final = (1, 2, 4, 5, 6, 19, 45, 48, 64, 94, 97, 98, 115, 168, 195, 197, 220, 275, 278, 294, 326, 327)
RIGHT_IRIS: Final = (468, 469, 470, 471, 472)
LEFT_IRIS: Final = (473, 474, 475, 476, 477)

RIGHT_EYE_CORNERS: Final = (33, 133)
LEFT_EYE_CORNERS: Final = (362, 263)
NOSE_TIP: Final = 1
CHIN: Final = 152
FOREHEAD: Final = 10
RIGHT_CHEEK: Final = 234
LEFT_CHEEK: Final = 454
MOUTH_CORNERS: Final = (61, 291)
# The jaw, from one ear to the other, is the lower part of the oval.
JAW: Final = (
    454,
    323,
    361,
    288,
    397,
    365,
    379,
    378,
    400,
    377,
    152,
    148,
    176,
    149,
    150,
    136,
    172,
    58,
    132,
    93,
    234,
)


def eye_centres(points: Points) -> tuple[Points, Points]:
    """Centres of the eyes by their corners, the one further left in an upright picture first.

    Args:
        points: float32, shape (478, 2).

    Returns:
        Two float32 vectors of shape (2,): the person's right eye, then the left one.
    """
    right, left = ((points[a] + points[b]) / 2 for a, b in (RIGHT_EYE_CORNERS, LEFT_EYE_CORNERS))
    return right, left


def bounds(points: Points) -> Box:
    """The smallest upright box around ``points`` (any number of them, shape (n, 2))."""
    low, high = points.min(axis=0), points.max(axis=0)
    return Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def roll(points: Points) -> float:
    """Angle of the line through the eyes in radians; 0 for an upright face, positive clockwise."""
    right, left = eye_centres(points)
    return float(np.arctan2(left[1] - right[1], left[0] - right[0]))
