"""A face moved so that its landmarks fall on other places: a smooth field of displacements.

The affine part moves the whole picture; what is left at the landmarks is spread by normalised convolution
(Knutsson & Westin, "Normalized and Differential Convolution", CVPR 1993) at two scales: near the dense landmarks of
eyes and lips the fine one rules, elsewhere the coarse one. What lies far from the face moves by the affine part
alone.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Pixels, Points
from catchlight.generator.types import Portrait

CELLS = 64  # the field is made on a grid of this many cells a side
FINE, COARSE = 1.2, 6.0  # standard deviations of the two kernels, in cells
COARSE_WEIGHT, NO_MOTION = 0.03, 2e-4  # of the coarse kernel and of "no displacement", beside the fine one

Affine = NDArray[np.float64]


def warp(source: Portrait, landmarks: Points) -> Pixels:
    """Draw ``source`` with its face where ``landmarks`` are.

    Args:
        source: The face to move.
        landmarks: float32, shape (478, 2): where its landmarks should come to lie, in pixels of the result.

    Returns:
        RGB uint8 of the source's shape; outside the picture its border is mirrored.

    Example:
        >>> face = Portrait(np.zeros((64, 64, 3), np.uint8), np.random.default_rng(1).uniform(9, 50, (478, 2)))
        >>> warp(face, face.landmarks + 2).shape
        (64, 64, 3)
    """
    side = source.image.shape[0]
    back = affine(landmarks, source.landmarks)
    left = source.landmarks - moved(landmarks, back)
    field = cv2.resize(_spread(landmarks, left, side), (side, side), interpolation=cv2.INTER_LINEAR)
    x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    grid = moved(np.stack([x, y], axis=-1), back) + field
    u, v = (np.ascontiguousarray(grid[..., axis], np.float32) for axis in (0, 1))
    drawn = cv2.remap(source.image, u, v, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(drawn, np.uint8)


def transformed(image: Pixels, by: Affine) -> Pixels:
    """A square picture through an affine map, cubic, its border mirrored; RGB uint8 of the same shape."""
    side = image.shape[0]
    drawn = cv2.warpAffine(image, by, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(drawn, np.uint8)


def transformed_within(image: Pixels, by: Affine, part: tuple[slice, slice]) -> Pixels:
    """A picture through an affine map, linear, its border mirrored; in one part only, elsewhere as it was."""
    made, (rows, columns) = image.copy(), part
    into = by - np.array([[0, 0, columns.start], [0, 0, rows.start]])
    if made[part].size:
        made[part] = cv2.warpAffine(image, into, made[part].shape[1::-1], borderMode=cv2.BORDER_REFLECT_101)
    return made


def affine(points: Points, onto: Points) -> Affine:
    """The least-squares affine map, float64 of shape (2, 3), that takes ``points`` nearest to ``onto``."""
    columns = np.column_stack([points, np.ones(len(points))]).astype(np.float64)
    return np.asarray(np.linalg.lstsq(columns, onto.astype(np.float64), rcond=None)[0].T)


def similarity(points: Points, onto: Points) -> Affine:
    """The least-squares shift, turn and scale, float64 of shape (2, 3), that takes ``points`` nearest to ``onto``.

    Source: Umeyama, "Least-Squares Estimation of Transformation Parameters", 1991, for two dimensions.
    """
    a, b = (np.asarray(p, np.float64) for p in (points, onto))
    a0, b0 = a.mean(axis=0), b.mean(axis=0)
    z, w = (a - a0) @ (1, 1j), (b - b0) @ (1, 1j)
    turn = np.vdot(z, w) / max(float(np.vdot(z, z).real), 1e-9)
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    return np.column_stack([linear, b0 - linear @ a0])


def moved(points: NDArray[np.float32], by: Affine) -> NDArray[np.float32]:
    """Points, any shape (..., 2), through an affine map."""
    return np.asarray(points @ by[:, :2].T + by[:, 2], np.float32)


def _spread(places: Points, displacements: Points, side: int) -> NDArray[np.float32]:
    """Displacements known at places -> a smooth field, float32 of shape (CELLS, CELLS, 2)."""
    cells = np.clip(places * (CELLS / side), 0, CELLS - 1).astype(np.intp)
    known = np.zeros((CELLS, CELLS, 3), np.float32)
    values = np.column_stack([displacements, np.ones(len(places), np.float32)])
    np.add.at(known, (cells[:, 1], cells[:, 0]), values)
    near, far = (cv2.GaussianBlur(known, (0, 0), sigma) for sigma in (FINE, COARSE))
    total = near + COARSE_WEIGHT * far
    return np.asarray(total[..., :2] / (total[..., 2:] + NO_MOTION), np.float32)
