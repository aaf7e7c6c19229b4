"""A heart beat of known rate is recovered out of an encoded clip; noise has none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.cues.pulse import Pulse
from catchlight.detector.cues.testing import drawn_person


def test_a_known_beat_is_recovered_from_a_clip(blinker):
    cue = Pulse().measure(blinker)
    assert cue.details["beats_per_minute"] == pytest.approx(72, abs=4)
    assert cue.value > 3


@pytest.mark.parametrize("beat", [0.9, 1.5, 2.5])
def test_a_known_beat_is_recovered_from_colours(beat):
    person = drawn_person(seconds=20.0)
    noise = np.random.default_rng(0).normal(0, 0.15, (len(person.times), 3))
    wave = np.sin(2 * np.pi * beat * person.times)[:, None] * np.array([0.5, 1.0, 0.4]) * 0.6
    skin = (np.array([200.0, 150.0, 130.0]) + wave + noise).astype(np.float32)
    cue = Pulse().measure(replace(person, skin=skin))
    assert cue.details["beats_per_minute"] == pytest.approx(60 * beat, abs=3)
    assert cue.value > 3


def test_noise_has_no_beat():
    person = drawn_person(seconds=20.0)
    noise = np.random.default_rng(1).normal(0, 0.3, (len(person.times), 3)) + np.array([200.0, 150.0, 130.0])
    assert Pulse().measure(replace(person, skin=noise.astype(np.float32))).value < 0


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"seconds": 6.0}, "8 s are needed"), ({"seconds": 12.0, "width": 40.0}, "px apart")],
)
def test_what_cannot_be_measured_says_why(options, reason):
    assert reason in Pulse().measure(drawn_person(**options)).reason
