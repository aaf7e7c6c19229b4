"""Face -> crop: the one place where a crop's geometry is decided, for training and for scoring.

The crop is a square around the face, turned so that the eyes lie level. Its side is `MARGIN` times the
larger of the face's height and width, so hair line, jaw, ears and some background are inside: a swap's
seam lies there, and live swaps can only be told by comparing the face with what is around it.
Preprocessing moves results of published detectors by 10 to 20 points; so nothing else cuts faces.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels, Points

MARGIN = 1.5
LONGEST = 32_000  # px; OpenCV warps no picture with a side of 32,767 px or more
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Jitter:
    """A small disturbance of the crop, drawn in training and absent in scoring.

    Attributes:
        shift: Shift of the centre (x, y) as a share of the side.
        scale: Factor on the side.
        angle: Turn in radians on top of levelling the eyes.
        flip: Mirror left and right.
    """

    shift: tuple[float, float] = (0.0, 0.0)
    scale: float = 1.0
    angle: float = 0.0
    flip: bool = False


def matrix(landmarks: Points, side: int, jitter: Jitter | None = None) -> Matrix:
    """The affine map from pixels of the picture to pixels of the crop.

    Args:
        landmarks: float32, shape (478, 2), pixels of the picture.
        side: Side of the crop in pixels, at least 16.
        jitter: Disturbance of the geometry; None when scoring.

    Returns:
        float64, shape (2, 3), as `cv2.warpAffine` takes it.

    Raises:
        ConfigError: If ``side`` is too small or the landmarks are not of a face.
    """
    if side < 16 or landmarks.shape != (lm.COUNT, 2):
        raise ConfigError(
            f"a crop needs a side of at least 16 px and landmarks of shape ({lm.COUNT}, 2); "
            f"received side {side} and shape {landmarks.shape}"
        )
    jitter = jitter or Jitter()
    angle = lm.roll(landmarks) + jitter.angle
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    level = landmarks[:468].astype(np.float64) @ turn.T
    low, high = level.min(axis=0), level.max(axis=0)
    reach = MARGIN * float(max(high - low)) * jitter.scale
    centre = (low + high) / 2 + np.array(jitter.shift) * reach
    scale = side / max(reach, 1e-3)
    affine = np.hstack([turn * scale, (side / 2 - centre * scale)[:, None]])
    if jitter.flip:
        affine = np.array([[-1.0, 0.0], [0.0, 1.0]]) @ affine + np.array([[0, 0, side - 1.0], [0, 0, 0]])
    return affine


def cut(image: Pixels, landmarks: Points, side: int, jitter: Jitter | None = None) -> tuple[Pixels, Points]:
    """Cut one aligned face.

    Shrinking by more than a half goes through area averaging first, because a bilinear warp would alias,
    and aliasing is a trace of its own. Outside the picture the border is mirrored.

    Args:
        image: RGB uint8, shape (height, width, 3).
        landmarks: float32, shape (478, 2), pixels of ``image``.
        side: Side of the crop in pixels.
        jitter: Disturbance of the geometry; None when scoring.

    Returns:
        The crop, RGB uint8 of shape (side, side, 3), and the landmarks in its pixels, float32 (478, 2).
        A mirrored crop has mirrored landmarks, in the same order.
    """
    if max(image.shape[:2]) > LONGEST:
        image, landmarks = _neighbourhood(image, landmarks)
    affine = matrix(landmarks, side, jitter)
    moved = (landmarks.astype(np.float64) @ affine[:, :2].T + affine[:, 2]).astype(np.float32)
    scale = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    if scale < 0.5:
        image, affine = _shrink(image, affine, scale)
    crop = cv2.warpAffine(
        image, affine, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(crop, np.uint8), moved


def _neighbourhood(image: Pixels, landmarks: Points) -> tuple[Pixels, Points]:
    """The part of a very long picture that a crop can reach, and the landmarks in it."""
    low, high = landmarks.min(axis=0), landmarks.max(axis=0)
    reach = 2 * MARGIN * float(max(high - low))
    left, top = (max(0, int(value - reach)) for value in low)
    right, bottom = (int(value + reach) for value in high)
    return image[top:bottom, left:right], landmarks - np.array([left, top], np.float32)


def _shrink(image: Pixels, affine: Matrix, scale: float) -> tuple[Pixels, Matrix]:
    """Reduce the picture by area averaging, so that the warp's own scale becomes about 1."""
    height, width = image.shape[:2]
    small = cv2.resize(
        image,
        (max(1, round(width * scale)), max(1, round(height * scale))),
        interpolation=cv2.INTER_AREA,
    )
    ratio = np.array([width / small.shape[1], height / small.shape[0]])
    adjusted = affine.copy()
    adjusted[:, :2] = affine[:, :2] * ratio
    # Pixel centres: a sample at (x) of the small picture lies at (x + .5) * ratio - .5 of the large one.
    adjusted[:, 2] += affine[:, :2] @ (0.5 * ratio - 0.5)
    return np.asarray(small, np.uint8), adjusted


def inside(image: Pixels, landmarks: Points, side: int, jitter: Jitter | None = None) -> float:
    """Share of the crop, 0 to 1, that lies inside the picture; the rest would be mirrored border."""
    affine = matrix(landmarks, side, jitter)
    corners = np.array([[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]])
    square = (corners - affine[:, 2]) @ np.linalg.inv(affine[:, :2]).T
    height, width = image.shape[:2]
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    area, _ = cv2.intersectConvexConvex(square.astype(np.float32), frame)
    whole = cv2.contourArea(square.astype(np.float32))
    return float(area / whole) if whole > 0 else 0.0
