"""Analyses -> one self-contained page: no script, no outside address, readable on paper and by ear.

Pictures are encoded as files are added, so that a page on a thousand clips never holds their pixels.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined, Template

from catchlight.detector.types import Crop, FaceReport, FrameScore, Pixels, Report
from catchlight.serve.report import drawing, words
from catchlight.serve.report.cue_drawing import CAPTIONS, draw
from catchlight.serve.report.drawing import Timeline
from catchlight.serve.report.words import Problem

if TYPE_CHECKING:
    from catchlight.detector.pipeline import Analysis, Thumbnail

MAX_SHOTS = 8  # faces shown of one person; all are in the timeline and in the JSON
MAX_THUMBNAILS = 6  # frames shown of one file
SHOT_WIDTH = 192  # px; half of it on screen, sharp on paper
FEW, LARGE_SHOT_WIDTH = 2, 320  # a photograph has one or two faces to show, and room for them
THUMBNAIL_WIDTH = 640
CUE_WIDTH = 420


@dataclass(frozen=True, slots=True)
class Shot:
    """One face at one moment: the picture, what the network saw in it, the score."""

    picture: str
    heat: str | None
    score: float | None
    time: float
    problem: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """One person of one file, as shown."""

    face: FaceReport
    shots: tuple[Shot, ...]
    timeline: Timeline | None
    drawings: dict[str, str]  # cue to picture of its measurement


@dataclass(frozen=True, slots=True)
class Mark:
    """A box around a face in a shown frame, in its pixels."""

    x: float
    y: float
    width: float
    height: float
    track: int
    verdict: str
    score: float


@dataclass(frozen=True, slots=True)
class Scene:
    """A shown frame with its marks."""

    picture: str
    width: int
    height: int
    time: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page shows of one file; pictures are data URIs by now."""

    report: Report
    people: tuple[Person, ...]
    scenes: tuple[Scene, ...]


class Page:
    """A page on one or more files.

    Example:
        >>> page = Page()
        >>> page.add_problem(Problem("notes.jpg", "not_media", "expected an image, received text"))
        >>> "notes.jpg" in page.html()
        True
    """

    def __init__(self, made: datetime | None = None) -> None:
        self._made = made or datetime.now(UTC)
        self._entries: list[Sheet | Problem] = []

    def add(self, analysis: Analysis) -> None:
        """Add a file that was judged; its pictures are encoded now and the analysis may be dropped."""
        self._entries.append(_sheet(analysis))

    def add_problem(self, problem: Problem) -> None:
        """Add a file that could not be judged."""
        self._entries.append(problem)

    def html(self) -> str:
        """The page as text."""
        return _template().render(
            sheets=[entry for entry in self._entries if isinstance(entry, Sheet)],
            problems=[entry for entry in self._entries if isinstance(entry, Problem)],
            made=self._made,
            version=version("catchlight"),
            words=words,
            drawing=drawing,
            captions=CAPTIONS,
        )

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write the page whole or not at all.

        Args:
            path: Where; its folder must exist. An older page there stays until the new one is complete.

        Raises:
            OSError: If the folder is missing, full or not to be written to.
        """
        target = Path(path)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self.html())
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    """The process's mask; a temporary file is private, a page gets the rights of any new file."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(Path(__file__).with_name("page.html").read_text(encoding="utf-8"))


def _sheet(analysis: Analysis) -> Sheet:
    people = tuple(_person(face, analysis) for face in analysis.report.faces)
    shown = [analysis.thumbnails[i] for i in _spread(len(analysis.thumbnails), MAX_THUMBNAILS)]
    return Sheet(analysis.report, people, tuple(_scene(thumb, analysis.report.faces) for thumb in shown))


def _person(face: FaceReport, analysis: Analysis) -> Person:
    crops = next((track.crops for track in analysis.tracks if track.id == face.track), ())
    scores = {frame.index: frame.p_fake for frame in face.frames}
    heat = analysis.heatmaps.get(face.track)
    # What was scored is shown; where nothing was, the faces that could not be.
    usable = [i for i, crop in enumerate(crops) if crop.index in scores] or list(range(len(crops)))
    chosen = _choose(usable, [scores.get(crops[i].index) for i in usable])
    width = LARGE_SHOT_WIDTH if len(chosen) <= FEW else SHOT_WIDTH
    shots = []
    for i in chosen:
        hot = drawing.heated(crops[i].image, heat[i]) if heat is not None and i < len(heat) else None
        shots.append(_shot(crops[i], hot, scores.get(crops[i].index), width))
    return Person(face, tuple(shots), drawing.timeline(face.frames), _drawings(face, analysis))


def _drawings(face: FaceReport, analysis: Analysis) -> dict[str, str]:
    seen = analysis.people.get(face.track)
    pictures = {name: draw(name, cue, seen) for name, cue in face.cues.items()} if seen else {}
    return {name: drawing.data_uri(one, CUE_WIDTH) for name, one in pictures.items() if one is not None}


def _shot(crop: Crop, hot: Pixels | None, score: float | None, width: int) -> Shot:
    return Shot(
        picture=drawing.data_uri(crop.image, width),
        heat=None if hot is None else drawing.data_uri(hot, width),
        score=score,
        time=crop.time,
        problem=crop.quality.problem,
    )


def _choose(indices: Sequence[int], scores: Sequence[float | None]) -> list[int]:
    """The lowest and the highest score, so that a reader sees both, and the rest spread over time."""
    if len(indices) <= MAX_SHOTS:
        return list(indices)
    known = [-1.0 if score is None else score for score in scores]
    ends = {known.index(min(known)), known.index(max(known))}
    choices = ({*_spread(len(indices), MAX_SHOTS - fewer), *ends} for fewer in range(len(ends) + 1))
    return [indices[i] for i in sorted(next(chosen for chosen in choices if len(chosen) <= MAX_SHOTS))]


def _spread(count: int, most: int) -> list[int]:
    """At most ``most`` of ``count`` positions, evenly spaced, first and last included."""
    if count <= most:
        return list(range(count))
    return [round(i * (count - 1) / (most - 1)) for i in range(most)]


def _scene(thumbnail: Thumbnail, faces: Sequence[FaceReport]) -> Scene:
    height, width = thumbnail.image.shape[:2]
    marks = tuple(
        _mark(face, frame, thumbnail.scale)
        for face in faces
        for frame in face.frames
        if frame.index == thumbnail.index
    )
    picture = drawing.data_uri(thumbnail.image, THUMBNAIL_WIDTH)
    return Scene(picture, width, height, thumbnail.time, marks)


def _mark(face: FaceReport, frame: FrameScore, scale: float) -> Mark:
    x, y, width, height = (round(side * scale, 1) for side in frame.box)
    return Mark(x, y, width, height, face.track, face.verdict, frame.p_fake)
