"""Blinks of known times are found, through the real face finder; what looks like one and is none is not."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.cues.blink import Blink, blinks, poisson_interval
from catchlight.detector.cues.testing import drawn_person


def test_known_blinks_are_recovered(blinking, blinker):
    _, times = blinking
    cue = Blink().measure(blinker)
    assert [dip.time for dip in blinks(blinker)] == pytest.approx(times, abs=0.08)
    assert cue.details["count"] == len(times)
    assert cue.value == pytest.approx(60 * len(times) / 9, rel=0.05)
    assert 0.08 < cue.details["duration_s"] < 0.3
    assert cue.details["completeness"] > 0.7
    assert cue.details["both_together"] > 0.7
    assert cue.interval[0] < 60 * len(times) / 9 < cue.interval[1]
    assert "too short to judge" in cue.note


def test_a_face_at_rest_does_not_blink(with_lids, encode, person_in):
    still = np.asarray(with_lids((0.0, 0.0)))[::2, ::2].copy()
    cue = Blink().measure(person_in(encode("rest.mp4", [still] * 60)))
    assert cue.value == 0
    assert cue.details["count"] == 0


@pytest.mark.parametrize("rate", [12.5, 25.0, 60.0])
def test_drawn_blinks_are_counted_at_any_rate(rate):
    cue = Blink().measure(drawn_person(seconds=36.0, rate=rate))
    assert cue.details["count"] == 12
    assert "too short" not in cue.note


def test_a_long_look_down_is_no_blink():
    person = drawn_person(seconds=12.0)
    down = person.landmarks.copy()
    for upper, lower in ((160, 144), (158, 153), (387, 373), (385, 380)):
        looking = (person.times > 6.2) & (person.times < 7.1)
        down[looking, upper] = down[looking, lower] - (0, 1)
    assert len(blinks(replace(person, landmarks=down))) == len(blinks(person))


def test_a_wink_is_no_blink():
    person = drawn_person(seconds=12.0)
    wink = person.landmarks.copy()
    for upper, lower in ((160, 144), (158, 153)):
        wink[75:77, upper] = wink[75:77, lower]
    assert len(blinks(replace(person, landmarks=wink))) == len(blinks(person))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"rate": 5.0}, "5 samples a second are too few"),
        ({"width": 24.0}, "an eye is"),
        ({"yaw": 80.0}, "px wide|one eye is hidden"),
    ],
)
def test_what_cannot_be_counted_says_why(options, reason):
    cue = Blink().measure(drawn_person(seconds=12.0, **options))
    assert cue.status == "not_applicable"
    assert re.search(reason, cue.reason)


def test_interval_is_that_of_poisson():
    assert poisson_interval(0) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert poisson_interval(10) == pytest.approx((4.795, 18.390), abs=1e-3)


# Counted by eye on all frames of the clip; a blink that is under way at the first or last frame is left out.
COUNTED = {
    "camera__cv_0BZ0cYR1fB4_21_0": 7,
    "camera__tv_African_2": 6,
    "camera__lia_obama": 5,
    "camera__grid_lwbsza": 0,
    "camera__cv_d8g60sx6rus_5_0": 4,
    "camera__cv_h_kJ1vlcK6k_7_0": 8,
    "camera__grid_lbax4n": 1,
    "camera__tv_pt": 3,
}


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTED)
def test_counts_by_eye_are_met(name, shared_data, person_in):
    cue = Blink().measure(person_in(shared_data / "clips" / f"{name}.mp4"))
    assert abs(cue.details["count"] - COUNTED[name]) <= 1
