"""The square of a picture that is moved: around a face, upright, and the same for all frames of a clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catchlight.detector.landmarks import bounds
from catchlight.detector.types import Points
from catchlight.generator.warp import Affine

REACH = 1.75  # side of the square in units of the face's larger side: hair, neck, and room to move
UP = 0.06  # of the square: a head has more above its landmarks than below
RIGID = 468  # landmarks that bounds are taken of; irises are inside anyway


def matrix(landmarks: Sequence[Points], side: int) -> Affine:
    """The map from pixels of a picture, or of all frames of a clip, to pixels of the square.

    Args:
        landmarks: Of one person, in one picture or in frames, float32 (478, 2) each.
        side: Of the square, pixels.

    Returns:
        float64, shape (2, 3), as `cv2.warpAffine` takes it: shift and scale.

    Example:
        >>> face = np.array([[10, 10], [30, 50]], np.float32)
        >>> matrix([face], 70).round(1).tolist()
        [[1.0, 0.0, 15.0], [0.0, 1.0, 9.2]]
    """
    boxes = np.array([bounds(points[:RIGID]) for points in landmarks])
    left, top, width, height = np.median(boxes, axis=0)
    extent = REACH * max(float(np.median(boxes[:, 2:].max(axis=1))), 1.0)
    scale = side / extent
    x, y = left + width / 2 - extent / 2, top + height / 2 - (0.5 + UP) * extent
    return np.array([[scale, 0, -scale * x], [0, scale, -scale * y]])
