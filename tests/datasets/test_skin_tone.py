"""Skin tone as a picture shows it."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.datasets.skin_tone import BANDS, skin_tone


def face(red, green, blue, around=0):
    crop = np.full((160, 160, 3), around, np.uint8)
    crop[55:120, 40:120] = red, green, blue
    return crop


# Angles by hand, from L* and b* of the colour: atan((L* - 50) / b*).
@pytest.mark.parametrize(
    ("colour", "angle", "band"),
    [
        ((240, 208, 190), 68.5, "light"),
        ((210, 165, 140), 48.9, "light"),
        ((190, 140, 112), 28.8, "intermediate"),
        ((172, 124, 92), 12.7, "tan"),
        ((110, 70, 50), -40.8, "dark or brown"),
    ],
)
def test_the_angle_follows_the_colour(colour, angle, band):
    from skimage.color import rgb2lab

    lightness, _, yellow = rgb2lab(np.array(colour)[None, None] / 255)[0, 0]
    found = skin_tone(face(*colour))
    assert found.angle == pytest.approx(np.degrees(np.arctan2(lightness - 50, yellow)), abs=0.5)
    assert found.angle == pytest.approx(angle, abs=6)
    assert found.lightness == pytest.approx(lightness, abs=0.3)
    assert found.band == band


def test_what_is_around_the_face_does_not_count():
    assert skin_tone(face(172, 124, 92)) == skin_tone(face(172, 124, 92, around=255))


def test_less_light_on_the_same_face_appears_darker(astronaut):
    crop = np.ascontiguousarray(astronaut[20:220, 120:320])
    angles = [skin_tone((crop * gain).astype(np.uint8)).angle for gain in (1.0, 0.7, 0.4)]
    assert angles == sorted(angles, reverse=True)
    assert angles[0] - angles[2] > 20


@pytest.mark.parametrize("level", [0, 90, 255])
def test_grey_pictures_have_a_tone_too(level):
    assert skin_tone(np.full((64, 64, 3), level, np.uint8)).band in BANDS
