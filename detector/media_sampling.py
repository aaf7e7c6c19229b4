"""Which frames of a medium are looked at, and how few packets must be decoded to get them.

Everything is decided on the *timeline*: when each packet is shown and which ones are key frames. Reading it
takes no decoding (10 s of 720p: 10 ms), and a plan made on it is exact for variable frame rates, B-frames and
missing headers, where counting on "frame rate times duration" is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import ConfigError, EmptyMedia, UnknownName

Policy = Literal["auto", "key", "even", "dense"]
Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sampling:
    """Which frames to deliver.

    The medium is cut into ``count`` equal intervals of time:

    - ``even``: the frame in the middle of each interval.
    - ``key``: one key frame of each interval that has any; a key frame decodes without its neighbours.
    - ``auto``: ``key`` when at least half of the intervals have a key frame, else ``even``.
    - ``dense``: ``rate`` frames a second without gaps, for what changes over time (blinks, jitter); when that
      is over ``max_frames``, an unbroken stretch around the middle, since titles stand at the ends.

    All of that holds for the part from ``start`` to ``stop`` alone, where they are given.

    Raises:
        UnknownName: No such policy.
        ConfigError: A number is not positive.
    """

    policy: Policy = "auto"
    count: int = 32  # frames a verdict averages over; papers on video detection use 32
    rate: float = 10.0  # frames a second for dense: a blink lasts 0.1 to 0.4 s
    max_frames: int = 600  # for dense: a minute at 10 a second
    start: float = field(default=0.0, repr=False)  # seconds from which on a video is looked at
    stop: float = field(default=inf, repr=False)  # seconds up to which

    @property
    def is_part(self) -> bool:
        """Whether only a part of the medium is wanted."""
        return self.start > 0 or self.stop < inf

    def __post_init__(self) -> None:
        if self.policy not in get_args(Policy):
            raise UnknownName("sampling policy", self.policy, get_args(Policy))
        for name in ("count", "rate", "max_frames"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"Sampling.{name} must be positive, got {getattr(self, name)!r}.")


@dataclass(frozen=True, slots=True)
class Timeline:
    """When every packet is shown, in the order of decoding.

    Attributes:
        times: float64, shape (packets,): seconds from the first picture.
        keys: bool, shape (packets,): decodes without another packet.
        shown: bool, shape (packets,): False for what only helps to decode others.
        start: When the first picture is shown by the file's own clock, in seconds; may be negative.
        clocked: False when the file carries no usable times; then ``times`` merely count, at its frame rate.
    """

    times: NDArray[np.float64]
    keys: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    start: float = 0.0
    clocked: bool = True


def choose(timeline: Timeline, sampling: Sampling) -> Positions:
    """Pick the packets whose pictures are wanted.

    Returns:
        Their positions in the order of decoding, sorted by the time that they are shown; none twice. Empty where
        the wished part has none.
    """
    order = candidates(timeline, sampling)
    if not len(order):
        return order
    if sampling.policy == "dense":
        return _dense(timeline, order, sampling)
    even = _even(timeline, order, sampling.count)
    if sampling.policy == "even":
        return even
    keys = _keys(timeline, order, sampling.count)
    enough = len(keys) > 0 if sampling.policy == "key" else 2 * len(keys) >= len(even)
    return keys if enough else even


def candidates(timeline: Timeline, sampling: Sampling) -> Positions:
    """The packets that are shown in the wished part, as `choose` gives them."""
    order: Positions = np.argsort(timeline.times, kind="stable").astype(np.intp)
    order = order[timeline.shown[order]]
    if sampling.is_part:  # else a packet without a time counts, too
        times = timeline.times[order]
        order = order[(times >= sampling.start) & (times < sampling.stop)]
    return order


def _intervals(times: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Bounds of ``count`` equal intervals; the last frame is shown as long as an average one."""
    first, last = float(times[0]), float(times[-1])
    return np.linspace(first, last + (last - first) / max(len(times) - 1, 1), count + 1)


def _even(timeline: Timeline, order: Positions, count: int) -> Positions:
    if len(order) <= count:
        return order
    times = timeline.times[order]
    bounds = _intervals(times, count)
    chosen: Positions = order[np.unique(_nearest(times, (bounds[:-1] + bounds[1:]) / 2))]
    return chosen


def _keys(timeline: Timeline, order: Positions, count: int) -> Positions:
    keys: Positions = order[timeline.keys[order]]
    if len(keys) <= 1:
        return keys
    bounds = _intervals(timeline.times[order], count)
    interval = np.searchsorted(bounds[1:-1], timeline.times[keys], side="right")
    chosen: Positions = keys[np.unique(interval, return_index=True)[1]]
    return chosen


def _dense(timeline: Timeline, order: Positions, sampling: Sampling) -> Positions:
    times = timeline.times[order]
    # A tenth of a tick is added because some containers round to milliseconds: 0.033 s at 30 a second is one.
    tick = np.floor((times - times[0]) * sampling.rate + 0.1)
    chosen: Positions = order[np.unique(tick, return_index=True)[1]]
    first = max(0, (len(chosen) - sampling.max_frames) // 2)
    return chosen[first : first + sampling.max_frames]


def _nearest(times: NDArray[np.float64], wanted: NDArray[np.float64]) -> Positions:
    """Index of the frame nearest to each wanted time, of two or more sorted ``times``."""
    right = np.clip(np.searchsorted(times, wanted), 1, len(times) - 1)
    nearest: Positions = right - (wanted - times[right - 1] <= times[right] - wanted)
    return nearest


def no_part(path: Path, sampling: Sampling) -> EmptyMedia:
    """The error for a medium that has nothing in the wished part."""
    end = f"{sampling.stop:g} s" if sampling.stop < inf else "its end"
    return EmptyMedia(f"{path} has no frame from {sampling.start:g} s to {end}; choose a part of it.")


def spans(timeline: Timeline, chosen: Positions) -> list[tuple[int, int]]:
    """The runs of packets, [start, stop) in the order of decoding, that must be decoded for ``chosen``.

    Each run starts at a key frame. What lies between two runs is never decoded, so a few frames of an hour
    cost as much as a few groups of pictures.
    """
    keys = np.flatnonzero(timeline.keys)
    runs: list[tuple[int, int]] = []
    for position in np.sort(chosen).tolist():
        start = _start(timeline, keys, position)
        while runs and start < runs[-1][1]:
            start = min(start, runs.pop()[0])
        runs.append((start, position + 1))
    return runs


def _start(timeline: Timeline, keys: Positions, position: int) -> int:
    """The key frame from which ``position`` can be decoded."""
    at = int(np.searchsorted(keys, position, side="right")) - 1
    # A picture shown before its own key frame (open group of pictures) leans on the group before, too.
    if at > 0 and timeline.times[position] < timeline.times[keys[at]]:
        at -= 1
    return int(keys[at]) if at >= 0 else 0
