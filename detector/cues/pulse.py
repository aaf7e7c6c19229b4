"""Pulse: whether the skin's colour carries a heart beat.

Source: de Haan & Jeanne, "Robust Pulse Rate from Chrominance-Based rPPG", IEEE TBME 60, 2013 (CHROM, and the
signal-to-noise ratio); Çiftçi, Demir & Yin, "FakeCatcher", TPAMI 2020 (as a sign of forgery). The mean colour of
cheeks and forehead is turned into the chrominance signal that motion moves least; the value is the power at its
strongest frequency and the double of it against the rest of 0.7 to 4 Hz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.cues.person import Person, absent, found, too_sparse
from catchlight.detector.cues.regions import typical_size
from catchlight.detector.cues.seen import COVERED, mostly_covered
from catchlight.detector.types import Cue

Floats = NDArray[np.float64]

BAND = (0.7, 4.0)  # Hz: 42 to 240 beats a minute
SHORTEST = 8.0  # seconds without a gap
WINDOW = 1.6  # seconds over which colours are normalised, as in the paper
AROUND = 0.12  # Hz about the beat and its double that count as signal
FINE = 0.02  # Hz between the frequencies looked at
CLEAR = 3.0  # decibels: twice as strong as all else together
STILL = 0.6  # distances of the eyes that the head may wander over (standard deviation)
SMALLEST = 30.0  # px between the eyes; smaller skin has too few pixels to average


class Pulse:
    """Signal-to-noise ratio of the heart beat in the skin's colour, in decibels."""

    unit = "dB"
    temporal = True
    low = "the skin's colour carries no heart beat"
    high = ""

    def measure(self, person: Person) -> Cue:
        """Look for a heart beat in the longest stretch."""
        reason = too_sparse(person, SHORTEST)
        if reason:
            return absent(reason)
        if mostly_covered(person):
            return absent(COVERED)
        part = max(person.stretches(), key=lambda one: float(np.ptp(person.times[one])))
        if float(np.ptp(person.times[part])) < SHORTEST:
            return absent(f"the longest stretch without a cut or gap is under {SHORTEST:.0f} s")
        points, skin = person.landmarks[part], person.skin[part].astype(np.float64)
        size = typical_size(points)
        if size < SMALLEST:
            return absent(f"the eyes are {size:.0f} px apart; {SMALLEST:.0f} are needed")
        if float(np.std(points.mean(axis=1), axis=0).max()) > STILL * size:
            return absent("the head moves too much")
        if float(np.abs(skin - skin.mean(axis=1, keepdims=True)).max()) < 4:
            return absent("the picture is black and white")
        return _told(person.times[part], skin, size)


def _told(times: Floats, skin: Floats, size: float) -> Cue:
    signal, rate = chrominance(times, skin)
    if not np.any(np.abs(signal) > 1e-9):
        return absent("the skin's colour does not change at all")
    ratio, beat = signal_to_noise(signal, rate)
    seconds = float(np.ptp(times))
    quality = min(1.0, seconds / 20) * min(1.0, size / 60)
    if ratio >= CLEAR:
        note = f"a rhythm of {60 * beat:.0f} a minute in the skin's colour stands out as a heart beat would"
    else:
        note = "no rhythm of the skin's colour stands out as a heart beat would; video compression often takes it away"
    return found(ratio, Pulse.unit, quality, note, beats_per_minute=60 * beat, seconds=seconds)


def chrominance(times: Floats, skin: Floats) -> tuple[Floats, float]:
    """The CHROM signal, evenly sampled, and its samples a second."""
    rate = (len(times) - 1) / float(np.ptp(times))
    even = np.arange(times[0], times[-1] + 1e-9, 1 / rate)
    colours = np.stack([np.interp(even, times, skin[:, channel]) for channel in range(3)], axis=1)
    size = max(4, round(WINDOW * rate) // 2 * 2)
    signal, window = np.zeros(len(even)), np.hanning(size + 1)[:-1]
    for start in range(0, len(even) - size + 1, size // 2):
        normal = (
            colours[start : start + size] / np.maximum(colours[start : start + size].mean(axis=0), 1.0) - 1
        )
        first = _banded(3 * normal[:, 0] - 2 * normal[:, 1], rate)
        second = _banded(1.5 * normal[:, 0] + normal[:, 1] - 1.5 * normal[:, 2], rate)
        alpha = first.std() / max(float(second.std()), 1e-9)
        signal[start : start + size] += (first - alpha * second) * window
    return signal, rate


def _banded(values: Floats, rate: float) -> Floats:
    """Only what lies in the band of heart beats."""
    spectrum = np.fft.rfft(values)
    frequencies = np.fft.rfftfreq(len(values), 1 / rate)
    spectrum[(frequencies < BAND[0] * 0.85) | (frequencies > BAND[1])] = 0
    return np.asarray(np.fft.irfft(spectrum, len(values)))


def signal_to_noise(signal: Floats, rate: float) -> tuple[float, float]:
    """Decibels of the strongest frequency and its double over the rest of the band, and that frequency in Hz."""
    size = max(len(signal), round(rate / FINE))
    power = np.abs(np.fft.rfft((signal - signal.mean()) * np.hanning(len(signal)), size)) ** 2
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    band = (frequencies >= BAND[0]) & (frequencies <= min(BAND[1], rate / 2))
    power, frequencies = power[band], frequencies[band]
    beat = float(frequencies[np.argmax(power)])
    near = (np.abs(frequencies - beat) <= AROUND) | (np.abs(frequencies - 2 * beat) <= AROUND)
    ratio = power[near].sum() / max(float(power[~near].sum()), 1e-12)
    return float(np.clip(10 * np.log10(max(float(ratio), 1e-6)), -30, 30)), beat
