"""A mouth blurred by a known amount is told; a closed one is not measured."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector.cues.mouth import INNER, Mouth, opening
from catchlight.detector.cues.regions import polygon
from catchlight.detector.cues.testing import drawn_person


@pytest.fixture(scope="module")
def speaking(portrait):
    """The portrait with the lower lip let down over painted teeth."""
    points, image = portrait.landmarks, portrait.image.copy()
    y, x = np.mgrid[0:640, 0:640].astype(np.float32)
    left, right, line = points[78, 0], points[308, 0], float(points[13, 1])
    depth = 22 * np.clip(1 - ((x - (left + right) / 2) / ((right - left) / 2)) ** 2, 0, 1)
    source = np.where(
        y > line + depth, y - depth * np.clip(1 - (y - line - depth) / 120, 0, 1), np.minimum(y, line)
    )
    image = cv2.remap(image, x, source.astype(np.float32), cv2.INTER_LINEAR)
    hole = (y > line) & (y < line + depth)
    image[hole] = np.where((x[hole] % 9 < 1)[:, None], (90, 60, 60), (225, 215, 205))
    return image


def test_an_open_mouth_is_compared_with_the_eyes_and_blur_is_told(speaking, person_of):
    person = person_of(speaking)
    sharp = Mouth().measure(person)
    inside = polygon(person.landmarks[0][list(INNER)], speaking.shape)[..., None]
    blurred = Mouth().measure(person_of(np.where(inside, cv2.GaussianBlur(speaking, (0, 0), 4), speaking)))
    assert sharp.status == blurred.status == "ok"
    assert blurred.value < sharp.value - 0.7


def test_opening_follows_the_lips():
    person = drawn_person(seconds=3.0)
    assert float(np.corrcoef(opening(person.landmarks), np.sin(5 * person.times))[0, 1]) > 0.99


def test_a_closed_mouth_is_not_measured():
    person = drawn_person(seconds=1.0)
    for look in person.looks:
        look.landmarks[14] = look.landmarks[13]
    assert Mouth().measure(person).reason == "the mouth is closed"
