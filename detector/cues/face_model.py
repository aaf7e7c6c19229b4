"""The average face in three dimensions, which landmark is whose mirror image, and where a head looks.

`mean_face.npy` is the mean of MediaPipe's 478 points on 400 photographs of adults who look at the camera, scaled
and turned upon one another (generalised Procrustes), made symmetrical; 1 is the distance of the eyes. x points to
the picture's right, y down, z away from the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Points

Floats = NDArray[np.float64]


@cache
def mean_face() -> Floats:
    """The points, float64, shape (478, 3); not to be written to."""
    points: Floats = np.load(Path(__file__).with_name("mean_face.npy")).astype(np.float64)
    points.setflags(write=False)
    return points


@cache
def mirror_order() -> NDArray[np.intp]:
    """For each landmark the one on the other side of the face; on the midline itself. Shape (478,).

    Example:
        >>> int(mirror_order()[33]), int(mirror_order()[1])
        (263, 1)
    """
    points = mean_face()
    distances = np.linalg.norm(points[:, None] * (-1, 1, 1) - points[None], axis=2)
    return np.asarray(distances.argmin(axis=1), np.intp)


def mirrored(landmarks: Points, width: float) -> Points:
    """The landmarks as they are found in the mirrored picture.

    Args:
        landmarks: float32, shape (..., 478, 2).
        width: Of the picture in pixels.
    """
    flipped = landmarks[..., mirror_order(), :].copy()
    flipped[..., 0] = np.float32(width - 1) - flipped[..., 0]
    return flipped


def rotation(landmarks: Points, of: Sequence[int]) -> Floats:
    """How the average face must be turned to lie over some landmarks, seen from afar.

    Scaled orthography, the first step of DeMenthon & Davis, "Model-based object pose in 25 lines of code", IJCV 15,
    1995: it needs no camera, which nobody knows of a picture from the net.

    Args:
        landmarks: float32, shape (478, 2), in pixels.
        of: Which landmarks count.

    Returns:
        A rotation, float64, shape (3, 3): rows are the picture's axes in the face's own.
    """
    seen = landmarks[list(of)].astype(np.float64)
    fitted = _inverse(tuple(of)) @ (seen - seen.mean(axis=0))
    left, _, right = np.linalg.svd(fitted.T, full_matrices=False)
    across, down = left @ right
    return np.stack([across, down, np.cross(across, down)])


@cache
def _inverse(of: tuple[int, ...]) -> Floats:
    """Brings landmarks to the linear map that fits the average face to them best, shape (3, points)."""
    model = mean_face()[list(of)]
    return np.asarray(np.linalg.pinv(model - model.mean(axis=0)))


def angle_between(first: Floats, second: Floats) -> float:
    """Degrees between the directions in which two heads look."""
    cosine = float(np.clip(first[2] @ second[2], -1.0, 1.0))
    return float(np.degrees(np.arccos(cosine)))
