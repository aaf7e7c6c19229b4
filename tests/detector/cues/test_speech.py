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


def syllables(person, seed: int) -> Sound:
    """Sound that swells four times a second, more or less, whatever the mouth does."""
    rng = np.random.default_rng(seed)
    size = int(person.times[-1] * RATE) + 20
    swell = np.convolve(rng.normal(size=size + 12), np.hanning(13), mode="valid")
    return Sound((0.02 * np.exp(swell)).astype(np.float32), RATE)


def follows(person, sound: Sound):
    """The person, with a mouth that opens as the sound swells."""
    points = person.landmarks.copy()
    level = np.interp(person.times, (np.arange(len(sound.level)) + 0.5) / RATE, np.log(sound.level / 0.02))
    points[:, 14, 1] = points[:, 13, 1] + 12 + 5 * level
    return replace(person, landmarks=points, sound=sound)


def test_the_own_sound_fits_at_its_place_alone():
    person = drawn_person(seconds=12.0)
    cue = Speech().measure(follows(person, syllables(person, 1)))
    assert cue.value > 0.8  # both are smoothed on the way
    assert cue.details["by_chance"] < 0.05
    assert "at 0 of 25 other places" in cue.note


@pytest.mark.parametrize("seed", range(3))
def test_the_sound_of_somebody_else_fits_anywhere(seed):
    person = follows(drawn_person(seconds=12.0), syllables(drawn_person(seconds=12.0), 10 + seed))
    cue = Speech().measure(replace(person, sound=syllables(person, 20 + seed)))
    assert cue.value < 0.5
    assert cue.details["by_chance"] > 0.05


def test_a_short_clip_has_no_other_places_and_says_nothing_of_them():
    cue = Speech().measure(replace(drawn_person(seconds=3.1), sound=spoken(drawn_person(3.1), 0.0)))
    assert cue.details.get("by_chance", 1.0) > 0.2


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
