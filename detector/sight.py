"""Frames -> what was seen in them: aligned, measured faces, shot by shot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from catchlight.detector.align import cut
from catchlight.detector.faces import MOST, FaceFinder
from catchlight.detector.quality import measure
from catchlight.detector.thumbnails import Thumbnail, Thumbnails
from catchlight.detector.timing import Stopwatch
from catchlight.detector.tracks import Scenes
from catchlight.detector.types import Crop, Face, Frame

SEARCH_EVERY = 3  # frames of a shot; in between, the faces of the last frame are looked for in their places


@dataclass(frozen=True, slots=True)
class Seen:
    """What looking at all frames left behind.

    Attributes:
        faces: The faces of each frame, the largest first.
        thumbnails: Small copies of frames, if asked for.
    """

    faces: tuple[tuple[Crop, ...], ...]
    thumbnails: tuple[Thumbnail, ...]


def look(
    frames: Iterable[Frame],
    finder: FaceFinder,
    side: int,
    watch: Stopwatch,
    *,
    thorough: bool = False,
    most: int = MOST,
    thumbnails: bool = False,
    progress: Callable[[int], None] | None = None,
    met: Callable[[Frame, tuple[Crop, ...]], None] | None = None,
) -> Seen:
    """Find, cut and measure the faces of all frames, of which one at a time is held.

    Args:
        frames: In time order.
        finder: What finds faces.
        side: Of the crops, in pixels.
        watch: Gets the stages ``decode`` and ``faces``.
        thorough: Whether small faces of large frames are worth several times the time.
        most: How many faces of a frame, the largest.
        thumbnails: Whether to keep small copies of frames.
        progress: Called after each frame with the number of frames done.
        met: Called after each frame with it and its faces, the largest first.

    Raises:
        MediaError: As ``frames`` does.
    """
    seen: list[tuple[Crop, ...]] = []
    small, scenes, memory = Thumbnails(thumbnails), Scenes(), _Memory()
    for frame in watch.each("decode", frames):
        with watch("faces"):
            scene = scenes.number(frame.image)
            expected = () if thorough else memory.expected(scene)
            found = finder.find(frame.image, thorough, expected, most)
            memory.keep(scene, found, searched=not expected)
            seen.append(tuple(_crop(frame, face, side, scene) for face in found))
        small.add(frame)
        if met:
            met(frame, seen[-1])
        if progress:
            progress(len(seen))
    return Seen(tuple(seen), small.kept())


class _Memory:
    """The faces of the last frame, while they are worth looking for in the same places."""

    def __init__(self) -> None:
        self._scene, self._age = -1, 0
        self._faces: tuple[Face, ...] = ()

    def expected(self, scene: int) -> tuple[Face, ...]:
        """What to look for; nothing after a cut, and every `SEARCH_EVERY` frames."""
        return self._faces if scene == self._scene and self._age < SEARCH_EVERY else ()

    def keep(self, scene: int, faces: tuple[Face, ...], searched: bool) -> None:
        self._scene, self._faces = scene, faces
        self._age = 1 if searched else self._age + 1


def _crop(frame: Frame, face: Face, side: int, scene: int) -> Crop:
    image, landmarks = cut(frame.image, face.landmarks, side)
    return Crop(image, landmarks, face, frame.index, frame.time, measure(image, landmarks, face), scene)
