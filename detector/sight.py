"""Frames -> what was seen in them: aligned, measured faces, shot by shot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from catchlight.detector.align import cut
from catchlight.detector.faces import FaceFinder
from catchlight.detector.quality import measure
from catchlight.detector.thumbnails import Thumbnail, Thumbnails
from catchlight.detector.timing import Stopwatch
from catchlight.detector.tracks import Scenes
from catchlight.detector.types import Crop, Face, Frame


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
    thumbnails: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Seen:
    """Find, cut and measure the faces of all frames, of which one at a time is held.

    Args:
        frames: In time order.
        finder: What finds faces.
        side: Of the crops, in pixels.
        watch: Gets the stages ``decode`` and ``faces``.
        thorough: Whether small faces of large frames are worth several times the time.
        thumbnails: Whether to keep small copies of frames.
        progress: Called after each frame with the number of frames done.

    Raises:
        MediaError: As ``frames`` does.
    """
    seen: list[tuple[Crop, ...]] = []
    small, scenes = Thumbnails(thumbnails), Scenes()
    for frame in watch.each("decode", frames):
        with watch("faces"):
            scene = scenes.number(frame.image)
            found = finder.find(frame.image, thorough)
            seen.append(tuple(_crop(frame, face, side, scene) for face in found))
        small.add(frame)
        if progress:
            progress(len(seen))
    return Seen(tuple(seen), small.kept())


def _crop(frame: Frame, face: Face, side: int, scene: int) -> Crop:
    image, landmarks = cut(frame.image, face.landmarks, side)
    return Crop(image, landmarks, face, frame.index, frame.time, measure(image, landmarks, face), scene)
