"""The light on a face: how even it is, and a picture in which it is even."""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Pixels, Points

STRENGTH = 0.9  # share of the light's unevenness that is taken out; all of it makes faces flat as masks
REACH = 0.18  # sigma of the light's estimate in face widths: wider than a nose, narrower than half a face
TARGET = 60.0  # lightness (L* of CIELAB, 0 to 100) of an evenly lit face
BEYOND = 0.02  # weight of the face's mean light where the face is far away
GAIN = (0.5, 3.0)  # bounds on what is done: more would lift noise and banding out of black


def imbalance(image: Pixels, landmarks: Points) -> float:
    """How far light comes from one side, -1 to 1; positive when the picture's right half of the face is brighter.

    Args:
        image: RGB uint8, shape (height, width, 3), an upright face as `align.cut` gives it.
        landmarks: float32, shape (478, 2), pixels of ``image``.

    Returns:
        Difference of the mean luma of both halves of the face, over its sum.
    """
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float64)
    mask = _face(image, landmarks)
    middle = round(float(landmarks[[lm.FOREHEAD, lm.NOSE_TIP, lm.CHIN], 0].mean()))
    middle = min(max(middle, 1), luma.shape[1] - 1)
    sides = [
        float((luma[:, part] * mask[:, part]).sum() / max(int(mask[:, part].sum()), 1))
        for part in (slice(None, middle), slice(middle, None))
    ]
    return (sides[1] - sides[0]) / max(sum(sides), 1.0)


def normalise(image: Pixels, landmarks: Points) -> Pixels:
    """Take most of the unevenness out of the light, and bring the face to one lightness; hues stay.

    A centre/surround retinex on the lightness of CIELAB: in the logarithm a picture is reflectance plus light, and a
    wide blur is taken for the light (Jobson, Rahman & Woodell, "Properties and performance of a center/surround
    retinex", IEEE Transactions on Image Processing 6(3), 1997). The blur sees the face alone, or a dark collar would
    pass for shade and burn out the chin. A detector scores pictures as they are, so one that was trained on
    normalised light meets another world; this serves studies, and forgery methods that compare faces.

    Args:
        image: RGB uint8, shape (height, width, 3).
        landmarks: float32, shape (478, 2), pixels of ``image``.

    Returns:
        RGB uint8 of the same shape.
    """
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    mask = _face(image, landmarks).astype(np.float32)
    logarithm = np.log1p(lab[..., 0])
    mean = float((logarithm * mask).sum() / max(float(mask.sum()), 1.0))
    sigma = REACH * max(lm.bounds(landmarks[:468]).width, 8.0)
    weight = cv2.GaussianBlur(mask, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    around = cv2.GaussianBlur(logarithm * mask, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    around = (around + BEYOND * mean) / (weight + BEYOND)
    gain = np.clip(np.exp(STRENGTH * (np.log1p(TARGET) - around)), *GAIN)
    lit = lab * np.minimum(gain, 100 / np.maximum(lab[..., 0], 1.0))[..., None].astype(np.float32)
    return np.asarray(np.round(np.clip(cv2.cvtColor(lit, cv2.COLOR_LAB2RGB), 0, 1) * 255), np.uint8)


def _face(image: Pixels, landmarks: Points) -> Pixels:
    """1 inside the oval of the face, else 0; shape (height, width)."""
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(landmarks[list(lm.FACE_OVAL)]).astype(np.int32)], (1,))
    return mask
