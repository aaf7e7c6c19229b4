"""Speech: whether the mouth opens when the sound is loud.

Source: Agarwal et al., "Detecting Deep-Fake Videos from Phoneme-Viseme Mismatches", CVPRW 2020, in its simplest form,
after Chandrasekaran et al., "The natural statistics of audiovisual speech", PLoS Comput. Biol. 2009: opening of the
lips and loudness rise and fall together. The value is their correlation at the best shift of up to 0.2 s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.cues.mouth import opening
from catchlight.detector.cues.person import Person, Sound, absent, found, too_sparse
from catchlight.detector.cues.seen import COVERED, mostly_covered
from catchlight.detector.types import Cue

Floats = NDArray[np.float64]

SHORTEST = 3.0  # seconds watched
FARTHEST = 0.2  # seconds between sound and picture that ordinary files have
STEP = 0.02  # seconds
SMOOTH = 0.08  # seconds; loudness within a syllable says nothing
QUIET = 1e-3  # of full scale; below it nobody speaks
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
        shifts = np.arange(-FARTHEST, FARTHEST + STEP / 2, STEP)
        levels = [_loudness(person.sound, person.times + shift) for shift in shifts]
        if max(float(np.max(level)) for level in levels) < np.log10(QUIET):
            return absent("nobody is heard")
        values = np.array([_correlation(person, openings, level) for level in levels])
        best = int(np.argmax(values))
        quality = min(1.0, person.seconds / 8) * min(1.0, person.rate / 12)
        note = (
            f"opening of the mouth and loudness correlate by {values[best]:.2f}, {shifts[best]:+.2f} s apart"
        )
        return found(float(values[best]), self.unit, quality, note, shift_s=float(shifts[best]))


def _loudness(sound: Sound, times: Floats) -> Floats:
    """Logarithm of the smoothed level at some moments; before and after the sound that of its ends."""
    width = max(1, round(SMOOTH * sound.rate))
    smooth = np.convolve(sound.level.astype(np.float64), np.ones(width) / width, mode="same")
    places = (np.arange(len(smooth)) + 0.5) / sound.rate
    return np.asarray(np.log10(np.interp(times, places, smooth) + QUIET / 10))


def _correlation(person: Person, openings: Floats, level: Floats) -> float:
    """Over all stretches, each about its own mean, so that a turn of the head between them does not count."""
    first = np.concatenate([openings[part] - openings[part].mean() for part in person.stretches()])
    second = np.concatenate([level[part] - level[part].mean() for part in person.stretches()])
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / size if size > 1e-9 else 0.0
