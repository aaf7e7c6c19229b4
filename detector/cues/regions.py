"""Where in a face to measure: masks by landmarks, eyes set upright, skin."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.quality import turn
from catchlight.detector.types import Pixels, Points

Mask = NDArray[np.bool_]
Floats = NDArray[np.float32]

FRONTAL = 0.38  # distance of the eyes over the height of the average face, seen from the front
# Skin without hair, eyes or lips, in rings of landmarks; the two cheeks are mirror images.
RIGHT_CHEEK = (117, 118, 119, 100, 142, 203, 206, 187, 123)
LEFT_CHEEK = (346, 347, 348, 329, 371, 423, 426, 411, 352)
FOREHEAD = (109, 10, 338, 337, 9, 108)
NOSE_BRIDGE = (193, 417, 437, 217)
CHIN = (169, 170, 140, 171, 175, 396, 369, 395, 394, 430, 431, 418, 421, 200, 201, 194, 211, 210)


def polygon(points: Points, shape: tuple[int, ...]) -> Mask:
    """The inside of a ring of points, bool, shape (height, width); sixteenths of a pixel count."""
    mask = np.zeros(shape[:2], np.uint8)
    limit = 8.0 * max(shape[:2])  # far outside a picture a drawing would overflow
    ring = np.round(np.clip(points, -limit, limit) * 16).astype(np.int32)
    cv2.fillPoly(mask, [ring], (1,), lineType=cv2.LINE_8, shift=4)
    return mask > 0


def union(landmarks: Points, rings: Sequence[Sequence[int]], shape: tuple[int, ...]) -> Mask:
    """The inside of any of some rings of landmarks."""
    masks = [polygon(landmarks[list(ring)], shape) for ring in rings]
    return np.asarray(np.logical_or.reduce(masks), np.bool_)


def oval(landmarks: Points, shape: tuple[int, ...], scale: float = 1.0) -> Mask:
    """The face's outline, drawn in (``scale`` < 1) or out towards its middle."""
    ring = landmarks[list(lm.FACE_OVAL)]
    middle = ring.mean(axis=0)
    return polygon((ring - middle) * np.float32(scale) + middle, shape)


def eroded(mask: Mask, pixels: int = 1) -> Mask:
    """The mask without its outermost pixels; what lies outside the picture counts as outside the mask."""
    kernel = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    shrunk = cv2.erode(mask.astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    return np.asarray(shrunk) > 0


def fine_detail(grey: Floats) -> Floats:
    """How far each pixel differs from its blurred neighbourhood, in levels."""
    return np.asarray(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.0)), np.float32)


def eye_distance(landmarks: Points) -> float:
    """Pixels between the middles of the eyes."""
    right, left = lm.eye_centres(landmarks)
    return float(np.hypot(*(left - right)))


def typical_size(landmarks: Points) -> float:
    """Pixels between the eyes in the typical one of some samples, shape (n, 478, 2)."""
    corners = landmarks[:, [*lm.RIGHT_EYE_CORNERS, *lm.LEFT_EYE_CORNERS]].reshape(-1, 2, 2, 2).mean(axis=2)
    return float(np.median(np.hypot(*(corners[:, 1] - corners[:, 0]).T)))


def turned(landmarks: Points) -> float:
    """How far a head is turned aside, 0 (frontal) to 1 (profile).

    By the nose between the cheeks, or, near profile where that fails, by how near the eyes have come to each other.
    """
    tall = float(np.hypot(*(landmarks[lm.CHIN] - landmarks[lm.FOREHEAD])))
    near = 1.0 - eye_distance(landmarks) / max(FRONTAL * tall, 1e-3)
    return float(np.clip(max(turn(landmarks), near), 0.0, 1.0))


def lab(image: Pixels | Floats) -> Floats:
    """CIE Lab of sRGB pixels 0 to 255, float32: L 0 to 100, a and b about -100 to 100; 2.3 is just noticeable."""
    converted = cv2.cvtColor(np.asarray(image, np.float32) / np.float32(255), cv2.COLOR_RGB2Lab)
    return np.asarray(converted, np.float32)


def lab_under(image: Pixels, mask: Mask) -> Floats:
    """CIE Lab of the pixels under a mask, float32, shape (n, 3)."""
    return lab(image[mask][None])[0] if mask.any() else np.empty((0, 3), np.float32)


def luma(image: Pixels) -> Floats:
    """Brightness of RGB pixels, float32, 0 to 255."""
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.float32)


def colourless(image: Pixels) -> bool:
    """Whether a picture is black and white."""
    step = max(1, min(image.shape[:2]) // 64)
    some = image[::step, ::step]
    spread = some.max(axis=2).astype(np.int16) - some.min(axis=2)
    return float(np.percentile(spread, 95)) < 12
