"""Blinks: how often a person closes the eyes, how long, how far, and both at once.

Source: Soukupová & Čech, "Real-Time Eye Blink Detection using Facial Landmarks", 2016 (the eye aspect ratio);
Li, Chang & Lyu, "In Ictu Oculi", 2018 (missing blinks as a sign). The eye aspect ratio
(|p2-p6| + |p3-p5|) / (2 |p1-p4|) is divided by the person's own open level of the seconds around, so narrow eyes,
glasses and slow changes of pose don't count; a blink is a dip of both eyes that comes back. The pixels must agree:
landmarks alone go on behind dark glasses, and lids that seem to meet while the iris stays in sight do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.cues.person import Person, absent, found, too_sparse
from catchlight.detector.cues.regions import turned
from catchlight.detector.cues.seen import why_hidden
from catchlight.detector.types import Cue, Points

Floats = NDArray[np.float64]

# p1 to p6: the corner away from the nose first, then along the upper lid, the other corner, back along the lower lid.
RIGHT = (33, 160, 158, 133, 153, 144)
LEFT = (263, 387, 385, 362, 380, 373)
OPEN_WINDOW = 3.0  # seconds over which the open level is taken; a blink fills a tenth of it
OPEN_QUANTILE = 0.7
LEAST_DIP, MOST_DIP = 0.28, 0.5  # bounds of a person's own threshold, as shares of the open level
# A slighter dip counts where it and half of what the likeness to an eye lost are over AGREED.
SLIGHT, AGREED = 0.2, 0.48
# Share of the open eye's likeness over which an eye is open, whatever the lids' landmarks say.
OPEN_LOOK = 0.75
NOISE = 5.0  # robust deviations of the open eye that a dip must exceed
CLOSED = 0.75  # dip of the ratio from which on an eye is closed: MediaPipe's lids never quite meet
BOTH = 0.5  # share of the threshold that the other eye must dip along
LONGEST = 0.5  # seconds at half depth; longer is a closed eye or a look down, not a blink
SHUT = 0.15  # aspect ratio of the open eye below which it is none: in real clips it has 0.17 or more
SMALLEST = 8.0  # px of an eye's width; below it landmarks of lids are guesses
PROFILE = 0.75  # turn of the head from which on one eye is hidden
ENOUGH = 64  # samples that tell how the head is turned
SHORTEST = 2.0  # seconds; in less nothing is counted


@dataclass(frozen=True, slots=True)
class Dip:
    """One blink: when it is deepest, how long it lasts at half depth in seconds, how deep, and both eyes' likeness."""

    time: float
    duration: float
    depth: float
    together: float


class Blink:
    """Blinks a minute, with a Poisson interval."""

    unit = "a minute"
    temporal = True
    judged_from = 30.0  # seconds: in 10 s, 6 to 47 % of real people don't blink
    low = "fewer blinks than is usual"
    high = "more blinks than is usual"

    def measure(self, person: Person) -> Cue:
        """Count the blinks of one person."""
        reason = too_sparse(person, SHORTEST)
        if reason:
            return absent(reason)
        width = min(_eye_width(person.landmarks, eye) for eye in (RIGHT, LEFT))
        if width < SMALLEST:
            return absent(f"an eye is {width:.0f} px wide; {SMALLEST:.0f} are needed")
        step = -(-len(person.landmarks) // ENOUGH)
        aside = np.array([turned(points) for points in person.landmarks[::step]])
        if float(np.median(aside)) > PROFILE:
            return absent("the head is turned so far that one eye is hidden")
        hidden = why_hidden(person.eyes) or _why_shut(person)
        if hidden:
            return absent(hidden)
        return _told(person, blinks(person), width)


def blinks(person: Person) -> list[Dip]:
    """All blinks of a person who was watched densely, in time order."""
    dips: list[Dip] = []
    for part in person.stretches():
        times, points = person.times[part], person.landmarks[part]
        if len(times) >= 5:
            look = person.eyes[part].mean(axis=1, dtype=np.float64) if len(person.eyes) else None
            dips += _dips(times, np.stack([aspect(points, RIGHT), aspect(points, LEFT)]), look)
    return dips


def _why_shut(person: Person) -> str | None:
    """Why there is nothing to count where the eyes are hardly open at any time."""
    ratio = np.mean([aspect(person.landmarks, eye) for eye in (RIGHT, LEFT)], axis=0)
    shut = float(np.quantile(ratio, OPEN_QUANTILE)) < SHUT
    return "the eyes are closed, or nearly so, nearly all the time" if shut else None


def aspect(points: Points, eye: tuple[int, ...]) -> Floats:
    """The eye aspect ratio of each sample, float64, shape (n,)."""
    p = points[:, list(eye)].astype(np.float64)
    height = np.linalg.norm(p[:, 1] - p[:, 5], axis=1) + np.linalg.norm(p[:, 2] - p[:, 4], axis=1)
    return np.asarray(height / np.maximum(2 * np.linalg.norm(p[:, 0] - p[:, 3], axis=1), 1e-3))


def _eye_width(points: Points, eye: tuple[int, ...]) -> float:
    return float(np.median(np.linalg.norm(points[:, eye[0]] - points[:, eye[3]], axis=1)))


def open_level(times: Floats, ratios: Floats) -> Floats:
    """The aspect ratio of the open eye around each moment; of both eyes at once, shape (2, n)."""
    first = np.searchsorted(times, times - OPEN_WINDOW / 2, side="left")
    last = np.searchsorted(times, times + OPEN_WINDOW / 2, side="right")
    levels = [_quantile(ratios[:, a:b], OPEN_QUANTILE) for a, b in zip(first, last, strict=True)]
    return np.asarray(np.maximum(np.stack(levels, axis=1), 1e-3))


def _quantile(values: Floats, share: float) -> Floats:
    """As `numpy.quantile` along the last axis, without its checks, which cost ten times what they check."""
    ordered = np.sort(values, axis=1)
    at = share * (values.shape[1] - 1)
    low, high = ordered[:, int(at)], ordered[:, min(int(at) + 1, values.shape[1] - 1)]
    return np.asarray(low + (high - low) * (at - int(at)))


def threshold(closed: Floats) -> float:
    """The dip that counts for this person: over the unrest of the open eyes, within bounds."""
    middle = float(np.median(closed))
    unrest = 1.4826 * float(np.median(np.abs(closed - middle)))
    return min(max(middle + NOISE * unrest, LEAST_DIP), MOST_DIP)


def _dips(times: Floats, ratios: Floats, look: Floats | None) -> list[Dip]:
    opened = open_level(times, ratios)
    closed = (1 - ratios / opened).mean(axis=0)
    least = threshold(closed)
    seen = _looked(times, look)
    deep = closed > least
    slight = (closed > SLIGHT) & (closed + (1 - seen) / 2 > AGREED)
    agreed = [run for run in _runs(slight) if not deep[slice(*run)].any()]
    least = min(least, SLIGHT) if look is not None else least
    dips: list[Dip] = []
    for start, stop in sorted(_runs(deep) + agreed):
        deepest = start + int(np.argmax(closed[start:stop]))
        # Against one open level, or a look down would end when the level has followed the lids.
        eyes = 1 - ratios / opened[:, deepest, None]
        duration = _width(times, eyes.mean(axis=0), deepest)
        weaker, stronger = sorted(eyes[:, deepest])
        whole = start > 0 and stop < len(times)  # at the rim nobody knows whether the eyes were open
        again = bool(dips) and times[deepest] - dips[-1].time < (duration + dips[-1].duration) / 2
        both = weaker > BOTH * least and not seen[deepest] > OPEN_LOOK
        if whole and duration <= LONGEST and both and not again:
            dips.append(
                Dip(float(times[deepest]), duration, float(closed[deepest]), float(weaker / stronger))
            )
    return dips


def _runs(wanted: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where something holds without a break: [start, stop) of each run."""
    ends = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False])).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in ends.reshape(-1, 2)]


def _looked(times: Floats, look: Floats | None) -> Floats:
    """How much like an eye both look about each moment, as a share of the open eye's; NaN where unknown."""
    if look is None:
        return np.full(len(times), np.nan)
    around = np.minimum(look, np.minimum(np.append(look[1:], look[-1]), np.insert(look[:-1], 0, look[0])))
    return np.asarray(around / open_level(times, look[None])[0])


def _width(times: Floats, closed: Floats, deepest: int) -> float:
    """Seconds at half depth, with straight lines between samples; infinite where the lids don't come back."""
    half = closed[deepest] / 2
    ends = []
    for step in (-1, 1):
        at = deepest
        while 0 <= at + step < len(closed) and closed[at + step] > half:
            at += step
        if not 0 <= at + step < len(closed):
            return float("inf")
        share = (closed[at] - half) / (closed[at] - closed[at + step])
        ends.append(times[at] + share * (times[at + step] - times[at]))
    return float(ends[1] - ends[0])


def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of an expected count (Garwood 1936).

    Example:
        >>> [round(end, 2) for end in poisson_interval(3)]
        [0.62, 8.77]
    """
    # Half a quantile of chi-square; scipy.stats, which has it by name, takes a second to import.
    from scipy.special import gammaincinv

    low = float(gammaincinv(count, 0.025)) if count else 0.0
    return low, float(gammaincinv(count + 1, 0.975))


def _told(person: Person, dips: list[Dip], width: float) -> Cue:
    minutes = person.seconds / 60
    count = len(dips)
    low, high = (end / minutes for end in poisson_interval(count))
    quality = min(1.0, person.seconds / 30) * min(1.0, width / 20) * min(1.0, person.rate / 12)
    note = f"{count} blink{'' if count == 1 else 's'} in {person.seconds:.1f} s"
    details = {"count": float(count), "seconds": person.seconds}
    if dips:
        middle = {
            name: float(np.median([getattr(dip, name) for dip in dips]))
            for name in ("duration", "depth", "together")
        }
        details |= {
            "duration_s": middle["duration"],
            "completeness": min(1.0, middle["depth"] / CLOSED),
            "both_together": middle["together"],
        }
        note += f", lasting {middle['duration']:.2f} s, lids {details['completeness']:.0%} closed"
    if person.seconds < Blink.judged_from:
        note += "; too short to judge: some real people don't blink for as long, others do it every second"
    cue = found(count / minutes, Blink.unit, quality, note, **details)
    return replace(cue, interval=(float(f"{low:.6g}"), float(f"{high:.6g}")))
