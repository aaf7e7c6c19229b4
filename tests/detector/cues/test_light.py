"""A known difference of skin tone is recovered; hair, clothes and grey pictures give no number."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector.cues.light import Light
from catchlight.detector.cues.regions import oval, polygon


def tinted(portrait, shift: tuple[float, float], lighter: float = 0.0):
    """The portrait with cheeks, nose and mouth moved in Lab (a, b), and the person's right half made lighter."""
    points, shape = portrait.landmarks, portrait.image.shape
    below_brows = polygon(
        np.array([[0, points[8, 1]], [640, points[8, 1]], [640, 640], [0, 640]], np.float32), shape
    )
    inside = cv2.GaussianBlur((oval(points, shape) & below_brows).astype(np.float32), (0, 0), 4)[..., None]
    lab = cv2.cvtColor(portrait.image.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    lab[..., 1:] += inside * np.array(shift, np.float32)
    side = np.clip((points[1, 0] - np.arange(640)) / 100, -1, 1)[None, :]
    lab[..., 0] += inside[..., 0] * lighter * side
    return (cv2.cvtColor(lab, cv2.COLOR_Lab2RGB) * 255).clip(0, 255).astype(np.uint8)


def test_a_real_face_has_one_tone(portrait, person_of):
    assert Light().measure(person_of(portrait.image)).value < 8


@pytest.mark.parametrize("shift", [(14.0, 0.0), (8.0, -12.0)])
def test_a_known_tint_is_recovered(portrait, person_of, shift):
    plain = Light().measure(person_of(portrait.image)).value
    cue = Light().measure(person_of(tinted(portrait, shift)))
    assert abs(cue.value - np.hypot(*shift)) <= plain + 2


def test_light_from_one_side_is_told(portrait, person_of):
    plain = Light().measure(person_of(portrait.image)).details
    lit = Light().measure(person_of(tinted(portrait, (0, 0), lighter=12.0))).details
    assert lit["light_from_right_inside"] > plain["light_from_right_inside"] + 0.05
    assert lit["light_from_right_outside"] == pytest.approx(plain["light_from_right_outside"], abs=0.02)


def test_black_and_white_is_refused(portrait, person_of):
    grey = np.repeat(cv2.cvtColor(portrait.image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert "black and white" in Light().measure(person_of(grey)).reason
