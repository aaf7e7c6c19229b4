"""The second look: landmarks densely, colours, and pictures in the medium's own pixels."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.cues.gather import LOOKS, RATE


def test_a_photograph_gives_one_picture_in_its_own_pixels(portrait, person_of):
    person = person_of(portrait.image)
    (look,) = person.looks
    assert person.kind == "image"
    assert len(person.times) == 1
    moved = person.landmarks[0] - look.landmarks
    assert np.ptp(moved, axis=0) == pytest.approx((0, 0), abs=0.01)  # cut out, neither turned nor scaled
    left, top = (round(float(value)) for value in moved[0])
    height, width = look.image.shape[:2]
    assert np.array_equal(look.image, portrait.image[top : top + height, left : left + width])
    assert 120 < person.skin[0, 0] < 255
    assert person.skin[0, 0] > person.skin[0, 2]


def test_a_clip_is_watched_densely(blinking, person_in):
    person = person_in(blinking[0])
    assert person.rate == pytest.approx(RATE, rel=0.05)
    assert person.seconds == pytest.approx(9.0, abs=0.3)
    assert len(person.stretches()) == 1
    assert LOOKS - 1 <= len(person.looks) <= LOOKS
    times = [look.time for look in person.looks]
    assert times == sorted(times)


def test_the_same_clip_gives_the_same_person(blinking, person_in):
    first, second = person_in(blinking[0]), person_in(blinking[0])
    assert np.array_equal(first.landmarks, second.landmarks)
    assert np.array_equal(first.skin, second.skin)
