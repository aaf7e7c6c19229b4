"""What a cue gets to see: one person through one medium, landmarks densely in time and a few pictures at full size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Cue, MediaKind, Pixels, Points

Floats = NDArray[np.float64]
T = TypeVar("T")

GAP = 0.25  # seconds; over a longer gap nothing is known of what the face did
DENSE = 10.0  # samples a second below which a blink of 0.1 s can fall between two of them


@dataclass(frozen=True, slots=True)
class Look:
    """One picture of the person's head in the medium's own pixels, never enlarged.

    Attributes:
        image: RGB uint8, shape (height, width, 3): the face with hair, neck and some background.
        landmarks: float32, shape (478, 2), pixels of ``image``.
        time: Seconds.
        covered: Whether a mask, a hand or the like covers mouth and nose (`seen.is_covered`).
    """

    image: Pixels
    landmarks: Points
    time: float = 0.0
    covered: bool = False

    def part(self, above: float, below: float) -> Look:
        """The face alone, with shares of its height kept above and below it: less to compute on."""
        low, high = self.landmarks[:468].min(axis=0), self.landmarks[:468].max(axis=0)
        tall = float(high[1] - low[1])
        height, width = self.image.shape[:2]
        left, right = (
            int(np.clip(edge, 0, width)) for edge in (low[0] - 0.06 * tall, high[0] + 0.06 * tall + 1)
        )
        top, bottom = (
            int(np.clip(edge, 0, height)) for edge in (low[1] - above * tall, high[1] + below * tall + 1)
        )
        if right - left < 2 or bottom - top < 2:
            return self
        moved = self.landmarks - np.array([left, top], np.float32)
        return replace(self, image=np.ascontiguousarray(self.image[top:bottom, left:right]), landmarks=moved)


@dataclass(frozen=True, slots=True)
class Sound:
    """How loud a medium is over time.

    Attributes:
        level: Root mean square of each slice, float32, shape (m,), 0 to 1.
        rate: Slices a second; the first begins at second 0 of the pictures.
    """

    level: NDArray[np.float32]
    rate: float


@dataclass(frozen=True, slots=True)
class Person:
    """One person through one medium: the input of every cue.

    Attributes:
        kind: ``image`` or ``video``.
        times: Seconds of each sample, rising, float64, shape (n,).
        landmarks: float32, shape (n, 478, 2), pixels of the frames.
        scenes: Number of the shot of each sample, shape (n,).
        skin: Mean RGB of cheeks and forehead, 0 to 255, float32, shape (n, 3).
        looks: Some pictures of the person in time order; perhaps none.
        sound: Of the medium; None when it has none, or when no cue asked for it.
        eyes: How much like an eye the right and the left one look in each sample (`seen.eyes`), float32, shape
            (n, 2); of shape (0, 2) where nobody looked.
    """

    kind: MediaKind
    times: Floats
    landmarks: Points
    scenes: NDArray[np.intp]
    skin: NDArray[np.float32]
    looks: tuple[Look, ...] = ()
    sound: Sound | None = None
    eyes: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 2), np.float32))

    def stretches(self) -> tuple[slice, ...]:
        """The runs of samples without a cut and without a gap over `GAP` seconds."""
        if not len(self.times):
            return ()
        breaks = (np.diff(self.times) > GAP) | (np.diff(self.scenes) != 0)
        ends = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(self.times)]
        return tuple(slice(start, stop) for start, stop in pairwise(ends))

    @property
    def seconds(self) -> float:
        """For how long the person was watched without gaps."""
        return float(sum(np.ptp(self.times[part]) for part in self.stretches()))

    @property
    def rate(self) -> float:
        """Samples a second while the person was watched; 0 where there are no two in a row."""
        steps = sum(part.stop - part.start - 1 for part in self.stretches())
        return steps / self.seconds if steps else 0.0


def too_sparse(person: Person, least_seconds: float) -> str | None:
    """Why a cue over time can't be measured: a still, too few samples a second, too short; None when it can."""
    if person.kind == "image":
        return "a still picture has no movement"
    if len(person.times) < 3:
        return "the face was seen too briefly"
    if person.rate < DENSE * 0.95:
        return f"{person.rate:.0f} samples a second are too few; {DENSE:.0f} are needed"
    if person.seconds < least_seconds:
        return f"the face was followed for {person.seconds:.1f} s; {least_seconds:.0f} s are needed"
    return None


def measured(looks: Sequence[Look], compare: Callable[[Look], T | str], nothing: str) -> tuple[list[T], str]:
    """Compare something in each picture.

    Args:
        looks: The pictures.
        compare: Gives a value, or in words why there is none.
        nothing: The reason where there is no picture.

    Returns:
        The values, and the commonest reason why others are missing.

    Example:
        >>> measured((), len, "no picture")
        ([], 'no picture')
    """
    outcomes = [compare(look) for look in looks]
    reasons = [outcome for outcome in outcomes if isinstance(outcome, str)]
    values = [outcome for outcome in outcomes if not isinstance(outcome, str)]
    return values, max(reasons, key=reasons.count) if reasons else nothing


def absent(reason: str) -> Cue:
    """A cue that could not be measured, with the reason in words."""
    return Cue("not_applicable", reason=reason)


def found(value: float, unit: str, quality: float, note: str, **details: float) -> Cue:
    """A measured cue; numbers are rounded to six digits, and a quality outside 0 to 1 is clipped."""
    rounded = {name: float(f"{number:.6g}") for name, number in details.items()}
    quality = round(float(np.clip(quality, 0.0, 1.0)), 3)
    return Cue("ok", float(f"{value:.6g}"), unit, quality=quality, note=note, details=rounded)
