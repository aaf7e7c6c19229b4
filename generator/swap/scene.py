"""Who is in a clip, frame by frame, and which of them is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from catchlight.detector import media
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.media import Limits, Sampling
from catchlight.detector.prefetch import prefetched
from catchlight.detector.sight import Seen, look
from catchlight.detector.threads import opencv_on_one_thread
from catchlight.detector.timing import Stopwatch
from catchlight.detector.tracks import cast
from catchlight.detector.types import Crop, Frame, Track

EVERY = Sampling("dense", rate=1e6, max_frames=1_000_000)  # every frame
LIMITS = Limits(max_seconds=3600.0)
SIDE = 96  # of the crops by which people are told apart, pixels
RARE = 0.05  # share of the clip's frames that a person must be in to be counted


@dataclass(frozen=True, slots=True)
class Scene:
    """All faces of a clip or still.

    Attributes:
        times: Seconds of each frame.
        indices: Its index, as in `Crop.index`.
        people: Who was seen, the most prominent first.
    """

    times: tuple[float, ...]
    indices: tuple[int, ...]
    people: tuple[Track, ...]

    @property
    def frames(self) -> int:
        """Number of frames that could be decoded."""
        return len(self.times)

    def crops(self, track: Track) -> dict[int, Crop]:
        """A person's crops by number of frame, counted from 0 without those that can't be decoded."""
        numbers = {index: number for number, index in enumerate(self.indices)}
        return {numbers[crop.index]: crop for crop in track.crops}


def survey(path: Path, progress: Callable[[int], None] | None = None) -> Scene:
    """Look at every frame of a clip, or at a still.

    Args:
        path: The medium.
        progress: Called with the number of frames done.

    Raises:
        MediaError: It can't be read.
    """
    read: list[tuple[float, int]] = []

    def noted() -> Iterator[Frame]:
        for frame in media.frames(path, EVERY, LIMITS):
            read.append((frame.time, frame.index))
            yield frame

    with FaceFinder() as finder, opencv_on_one_thread(), closing(prefetched(noted())) as source:
        still = media.probe(path, LIMITS).kind == "image"
        seen: Seen = look(source, finder, SIDE, Stopwatch(), thorough=still, progress=progress)
    times, indices = zip(*read, strict=True)
    return Scene(times, indices, cast(seen.faces).tracks)


def cuts(crops: Mapping[int, Crop]) -> tuple[int, ...]:
    """The frames at which a person is seen in a new shot."""
    numbers = sorted(crops)
    return tuple(b for a, b in pairwise(numbers) if crops[a].scene != crops[b].scene)


def choose(
    scene: Scene, path: Path, person: int | None = None, near: tuple[float, float] | None = None
) -> Track:
    """The person of a scene that is meant.

    Args:
        scene: Who is there.
        path: Of the medium, for messages.
        person: Their number, 1 for the most prominent; None takes that one.
        near: A point (x, y), pixels of the frame: whoever is nearest to it on average.

    Raises:
        DataError: Nobody is there.
        ConfigError: There is no person of this number.
    """
    if not scene.people:
        raise DataError(
            f"{path} shows no face in its {scene.frames} frames; choose a medium with a visible person"
        )
    if near is not None:
        return min(scene.people, key=lambda track: _distance(track.crops, near))
    number = 1 if person is None else person
    if not 1 <= number <= len(scene.people):
        raise ConfigError(
            f"person must be 1 to {len(scene.people)}, the people of {path}, not {number}: {described(scene)}"
        )
    return scene.people[number - 1]


def described(scene: Scene) -> str:
    """Who is there, in words, so that a number can be chosen."""
    lines = []
    for number, track in enumerate(scene.people, 1):
        box = np.median([crop.face.box for crop in track.crops], axis=0)
        lines.append(
            f"{number}: {len(track.crops)} of {scene.frames} frames, about {box[2]:.0f} px wide, "
            f"around ({box[0] + box[2] / 2:.0f}, {box[1] + box[3] / 2:.0f})"
        )
    return "; ".join(lines)


def _distance(crops: Sequence[Crop], near: tuple[float, float]) -> float:
    boxes = np.array([crop.face.box for crop in crops])
    return float(np.hypot(*(boxes[:, :2] + boxes[:, 2:] / 2 - near).T).mean())
