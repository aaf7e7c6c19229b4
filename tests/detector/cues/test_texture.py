"""Fine detail of known amount is recovered; without any there is no number."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector.cues.regions import polygon
from catchlight.detector.cues.texture import Texture


def grained(portrait, inside: float, outside: float):
    """The portrait without its own detail, with grain of a known size below the brows and above them."""
    points = portrait.landmarks
    below = polygon(
        np.array([[0, points[8, 1]], [640, points[8, 1]], [640, 640], [0, 640]], np.float32), (640, 640)
    )
    smooth = np.full((640, 640, 3), 128.0) * 0.5 + 0.5 * cv2.GaussianBlur(portrait.image, (0, 0), 3)
    grain = np.random.default_rng(0).normal(0, 1, (640, 640, 1))
    return np.clip(smooth + grain * np.where(below[..., None], inside, outside), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("inside", "outside"), [(4.0, 4.0), (4.0, 8.0), (10.0, 5.0)])
def test_known_grain_is_recovered(portrait, person_of, inside, outside):
    cue = Texture().measure(person_of(grained(portrait, inside, outside)))
    assert cue.value == pytest.approx(np.log2(inside / outside), abs=0.3)


def test_a_smoothed_inner_face_is_told(portrait, person_of):
    plain = Texture().measure(person_of(grained(portrait, 5, 5)))
    cue = Texture().measure(person_of(grained(portrait, 1.2, 5)))
    assert cue.value < plain.value - 1.5


def test_a_picture_without_detail_is_refused(portrait, person_of):
    assert "fine detail" in Texture().measure(person_of(cv2.GaussianBlur(portrait.image, (0, 0), 6))).reason
