"""Crop -> how much it can tell: size, sharpness, light and turn of a face.

Where a face is too small, dark, bright or blurred, nothing is measured: the answer is `undecided` with that
reason, never a number. The bounds below were set on real photographs and video frames so that fewer
than 1 % of the usable ones are refused (docs/decisions/quality.md).
"""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Face, Pixels, Points, Quality

MIN_WIDTH = 36.0  # px of the frame; below it eyes are under 8 px wide and nothing but the pose is left
MIN_SHARPNESS = 6.0  # variance of the Laplacian at a face width of 96 px
MIN_BRIGHTNESS = 22.0  # mean luma of the face
MAX_BRIGHTNESS = 245.0
GOOD_WIDTH, GOOD_SHARPNESS = 120.0, 60.0  # from here on more adds nothing to the score
MEASURE_WIDTH = 96.0  # sharpness is measured at one face width, or large faces would look blurred


def measure(image: Pixels, landmarks: Points, face: Face) -> Quality:
    """Measure one aligned crop.

    Args:
        image: The crop, RGB uint8, shape (side, side, 3).
        landmarks: float32, shape (478, 2), pixels of the crop.
        face: The face in its frame; its width counts, not that of the resized crop.

    Returns:
        The measurements, with ``problem`` set where the face can't be judged.
    """
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    inner = _inner(np.asarray(luma, np.uint8), landmarks)
    width = min(face.box.width, face.box.height)
    brightness = float(inner.mean())
    sharpness = _sharpness(inner, lm.bounds(landmarks[:468]).width)
    turned = turn(landmarks)
    score = min(1.0, width / GOOD_WIDTH) * min(1.0, sharpness / GOOD_SHARPNESS) ** 0.5 * (1.0 - 0.5 * turned)
    problem = _problem(width, sharpness, brightness)
    return Quality(width, sharpness, brightness, turned, 0.0 if problem else round(score, 4), problem)


def turn(landmarks: Points) -> float:
    """How far the head is turned aside: 0 when the nose lies midway between the cheeks, 1 in profile."""
    nose, right, left = (landmarks[i, 0] for i in (lm.NOSE_TIP, lm.RIGHT_CHEEK, lm.LEFT_CHEEK))
    near, far = sorted((abs(float(nose - right)), abs(float(left - nose))))
    return 1.0 - near / far if far > 0 else 1.0


def _inner(luma: Pixels, landmarks: Points) -> Pixels:
    """The part of the crop inside the face's bounds, at least one pixel."""
    box = lm.bounds(landmarks[:468])
    x, y = max(0, int(box.x)), max(0, int(box.y))
    part = luma[y : max(y + 1, int(box.y + box.height)), x : max(x + 1, int(box.x + box.width))]
    return part if part.size else luma


def _sharpness(inner: Pixels, width: float) -> float:
    factor = MEASURE_WIDTH / max(width, 1.0)
    size = (max(3, round(inner.shape[1] * factor)), max(3, round(inner.shape[0] * factor)))
    at_one_size = cv2.resize(inner, size, interpolation=cv2.INTER_AREA)
    return float(cv2.Laplacian(at_one_size, cv2.CV_32F).var())


def _problem(width: float, sharpness: float, brightness: float) -> str | None:
    if width < MIN_WIDTH:
        return "face_too_small"
    if brightness < MIN_BRIGHTNESS:
        return "too_dark"
    if brightness > MAX_BRIGHTNESS:
        return "too_bright"
    return "too_blurred" if sharpness < MIN_SHARPNESS else None
