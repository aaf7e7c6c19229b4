"""A seam of known colour and place is recovered through the real face finder."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector.cues.regions import oval
from catchlight.detector.cues.seam import Seam


def with_seam(portrait, place: float, shift: tuple[float, float]):
    """The portrait with the inner face moved in Lab (a, b) by a known amount, up to a share of the outline."""
    inside = cv2.GaussianBlur(
        oval(portrait.landmarks, portrait.image.shape, place).astype(np.float32), (0, 0), 1.5
    )
    lab = cv2.cvtColor(portrait.image.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    lab[..., 1:] += inside[..., None] * np.array(shift, np.float32)
    return (cv2.cvtColor(lab, cv2.COLOR_Lab2RGB) * 255).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(("place", "shift"), [(0.8, (8.0, 0.0)), (0.88, (0.0, -10.0)), (0.85, (-6.0, 8.0))])
def test_a_known_seam_is_recovered(portrait, person_of, place, shift):
    cue = Seam().measure(person_of(with_seam(portrait, place, shift)))
    assert cue.value == pytest.approx(np.hypot(*shift), rel=0.3)
    assert cue.details["place"] == pytest.approx(place, abs=0.04)


def test_a_face_without_a_seam_has_a_small_step(portrait, person_of):
    assert Seam().measure(person_of(portrait.image)).value < 4


def test_noise_inside_is_told(portrait, person_of):
    plain = cv2.GaussianBlur(portrait.image, (0, 0), 1.5)
    inside = oval(portrait.landmarks, plain.shape, 0.85)[..., None]
    grain = np.random.default_rng(0).normal(0, 1, plain.shape[:2])[..., None]
    noisy = np.clip(plain + grain * np.where(inside, 8, 4), 0, 255).astype(np.uint8)
    even = np.clip(plain + grain * 4, 0, 255).astype(np.uint8)
    told = [Seam().measure(person_of(image)).details["noise_inside_octaves"] for image in (even, noisy)]
    assert told[1] > told[0] + 0.3


def test_black_and_white_is_refused(portrait, person_of):
    grey = np.repeat(cv2.cvtColor(portrait.image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert "black and white" in Seam().measure(person_of(grey)).reason
