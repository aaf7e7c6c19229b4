"""A known shift between mouth and sound is recovered, also out of a file; other people's sound does not fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.cues.mouth import opening
from catchlight.detector.cues.person import Sound
from catchlight.detector.cues.sound import read_sound
from catchlight.detector.cues.speech import Speech
from catchlight.detector.cues.testing import drawn_person

RATE = 50.0


def spoken(person, shift: float, phase: float = 0.0) -> Sound:
    """Sound that is loud when the mouth was open ``shift`` seconds before."""
    times = (np.arange(int(person.times[-1] * RATE) + 20) + 0.5) / RATE
    loud = 1 + np.sin(5 * (times - shift) + phase)
    return Sound((0.02 * np.exp(1.2 * loud)).astype(np.float32), RATE)


@pytest.mark.parametrize("shift", [-0.1, 0.0, 0.16])
def test_a_known_shift_is_recovered(shift):
    person = drawn_person(seconds=10.0)
    cue = Speech().measure(replace(person, sound=spoken(person, shift)))
    assert cue.value > 0.8
    assert cue.details["shift_s"] == pytest.approx(shift, abs=0.03)


def test_sound_against_the_mouth_does_not_fit():
    person = drawn_person(seconds=10.0)
    assert Speech().measure(replace(person, sound=spoken(person, 0.0, phase=np.pi))).value < 0


def test_sound_of_a_file_fits_the_mouth_that_made_it(encode):
    person = drawn_person(seconds=6.0)
    loud = np.interp(np.arange(6 * 16_000) / 16_000, person.times, opening(person.landmarks))
    tone = (10 ** (2 * loud - 2) * np.sin(np.arange(len(loud)) * 0.2)).astype(np.float32)
    clip = encode("spoken.mp4", [np.zeros((64, 64, 3), np.uint8)] * 150, sound=tone)
    sound = read_sound(clip, 0.0, 6.0)
    cue = Speech().measure(replace(person, sound=sound))
    assert cue.value > 0.9
    assert abs(cue.details["shift_s"]) <= 0.1


@pytest.mark.parametrize(
    ("sound", "reason"), [(None, "no sound"), (Sound(np.zeros(600, np.float32), RATE), "nobody is heard")]
)
def test_without_sound_there_is_no_number(sound, reason):
    assert reason in Speech().measure(replace(drawn_person(seconds=10.0), sound=sound)).reason
