"""Speech: whether the mouth opens when the sound is loud.

Source: Agarwal et al., "Detecting Deep-Fake Videos from Phoneme-Viseme Mismatches", CVPRW 2020, in its simplest form,
after Chandrasekaran et al., "The natural statistics of audiovisual speech", PLoS Comput. Biol. 2009: opening of the
lips and loudness rise and fall together. The value is their correlation at the best shift of up to 0.2 s.

A correlation alone says little: some people mumble, and any two things that go up and down in syllables correlate a bit
in a short clip. So the sound is also laid a second and more beside the picture, round the end of the clip to its start,
and the cue tells how often it fits as well there (Chung & Zisserman, "Out of time", 2016, compare so, too).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.cues.mouth import opening
from catchlight.detector.cues.person import Person, absent, found, too_sparse
from catchlight.detector.cues.seen import COVERED, mostly_covered
from catchlight.detector.types import Cue

Floats = NDArray[np.float64]

SHORTEST = 3.0  # seconds watched
FARTHEST = 0.2  # seconds between sound and picture that ordinary files have
STEP = 0.02  # seconds
SMOOTH = 0.08  # seconds; loudness within a syllable says nothing
QUIET = 1e-3  # of full scale; below it nobody speaks
FAR = 1.0  # seconds from which on the sound is that of other syllables
SWING = 0.05  # of the opening; a mouth that moves less does not speak


class Speech:
    """Correlation of the mouth's opening with the loudness of the sound, -1 to 1."""

    unit = "correlation"
    temporal = True
    sound = True
    low = "the mouth does not move with the sound"
    high = ""

    def measure(self, person: Person) -> Cue:
        """Correlate mouth and sound of one person."""
        reason = too_sparse(person, SHORTEST)
        if reason:
            return absent(reason)
        if mostly_covered(person):
            return absent(COVERED)
        if person.sound is None:
            return absent("there is no sound")
        openings = opening(person.landmarks)
        if float(np.ptp(np.quantile(openings, [0.05, 0.95]))) < SWING:
            return absent("the mouth hardly moves")
        heard = _Heard(person)
        near = STEP * np.arange(-round(FARTHEST / STEP), round(FARTHEST / STEP) + 1)  # 0 is exactly 0
        if max(float(np.max(heard.at(shift))) for shift in near) < np.log10(QUIET):
            return absent("nobody is heard")
        values = np.array([_correlation(person, openings, heard.at(shift)) for shift in near])
        best = int(np.argmax(values))
        value, details = float(values[best]), {"shift_s": float(near[best])}
        note = f"opening of the mouth and loudness correlate by {value:.2f}, {near[best]:+.2f} s apart"
        others = _elsewhere(person, openings, heard)
        if len(others):
            as_well = int(np.sum(others >= value))
            details["by_chance"] = (1 + as_well) / (1 + len(others))
            note += f"; so well or better at {as_well} of {len(others)} other places of the sound"
        quality = min(1.0, person.seconds / 8) * min(1.0, person.rate / 12)
        return found(value, self.unit, quality, note, **details)


class _Heard:
    """Logarithm of the smoothed loudness at a person's moments."""

    def __init__(self, person: Person) -> None:
        assert person.sound is not None
        sound, self._times = person.sound, person.times
        width = max(1, round(SMOOTH * sound.rate))
        smooth = np.convolve(sound.level.astype(np.float64), np.ones(width) / width, mode="same")
        self._level = np.log10(smooth + QUIET / 10)
        self._places = (np.arange(len(smooth)) + 0.5) / sound.rate

    def at(self, shift: float) -> Floats:
        """With the sound so many seconds earlier; before and after it that of its ends."""
        return np.interp(self._times + shift, self._places, self._level)

    def around(self, shift: float) -> Floats:
        """The same, but what is shifted out at one end of the person's time comes in at the other."""
        start, length = self._times[0], self._times[-1] - self._times[0]
        return np.interp(start + (self._times - start + shift) % length, self._places, self._level)


def _elsewhere(person: Person, openings: Floats, heard: _Heard) -> Floats:
    """The best correlation about each place of the sound that is far from the right one; empty in short clips."""
    length = person.times[-1] - person.times[0]
    places = np.arange(FAR, length - FAR, 2 * FARTHEST)
    near = np.arange(-FARTHEST, FARTHEST, 2 * STEP)
    return np.array(
        [
            max(_correlation(person, openings, heard.around(place + shift)) for shift in near)
            for place in places
        ]
    )


def _correlation(person: Person, openings: Floats, level: Floats) -> float:
    """Over all stretches, each about its own mean, so that a turn of the head between them does not count."""
    first = np.concatenate([openings[part] - openings[part].mean() for part in person.stretches()])
    second = np.concatenate([level[part] - level[part].mean() for part in person.stretches()])
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / size if size > 1e-9 else 0.0
