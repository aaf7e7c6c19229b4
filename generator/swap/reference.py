"""The person to put in: their faces from a photograph, a folder of them or a video, and which of them fits best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from catchlight.detector import media
from catchlight.detector.errors import DataError, MediaError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.media import Sampling
from catchlight.detector.quality import measure
from catchlight.detector.types import Face, Points
from catchlight.generator.swap import frame
from catchlight.generator.types import Portrait

SIDE = 256  # of a reference, pixels: more than any network is shown
FRAMES = Sampling("even", count=24)  # of a video; poses repeat
FAR = 0.45  # of turns, -1 to 1, that differ more the photograph shows too little of what the target does
CHECK = 64  # side at which landmarks are compared


@dataclass(frozen=True, slots=True)
class Reference:
    """One face of the person.

    Attributes:
        face: As `frame.cut` gives it, of side `SIDE`.
        quality: As `Quality.score`, 0 to 1.
        origin: The file, and the time where it is a video.
    """

    face: Portrait
    quality: float
    origin: str


def references(path: Path, sampling: Sampling = FRAMES) -> tuple[Reference, ...]:
    """All usable faces of the person; of several in one picture the largest is the one.

    Args:
        path: A photograph, a folder of them, or a video.
        sampling: Which frames of a video.

    Raises:
        MediaError: The file can't be read.
        DataError: No face can be used.
    """
    with FaceFinder() as finder:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() in media.SUFFIXES)
            found = [r for file in files for r in _of_file(file, finder, sampling, quietly=True)]
        else:
            found = _of_file(path, finder, sampling)
    if not found:
        raise DataError(
            f"{path} shows no face that can be used; choose a sharp, well-lit picture of the person"
        )
    return tuple(found)


def best(found: Sequence[Reference], targets: Sequence[Points]) -> Reference:
    """The face whose features lie most like those of the targets, sharp ones first where several do.

    Args:
        found: What `references` gave.
        targets: Landmarks of the faces to replace, float32 (478, 2), pixels.
    """
    shapes = [_shape(points) for points in targets]
    return min(found, key=lambda r: _misfit(r.face, shapes) / max(0.3, r.quality))


def apart(reference: Portrait, target: Points) -> float:
    """How far the heads' turns differ, the reference mirrored where that helps: 0 to 2."""
    ways = frame.turn(reference.landmarks), frame.turn(target)
    return min(abs(ways[0] - ways[1]), abs(ways[0] + ways[1]))


def _of_file(path: Path, finder: FaceFinder, sampling: Sampling, quietly: bool = False) -> list[Reference]:
    found = []
    try:
        for picture in media.frames(path, sampling):
            faces = finder.find(picture.image)
            if faces:
                found.append(_reference(picture.image, faces[0], f"{path.name} at {picture.time:.2f} s"))
    except MediaError:
        if not quietly:
            raise
    known = [r for r in found if r.quality > 0]
    return [replace(r, origin=path.name) for r in known] if len(found) == 1 else known


def _reference(image: np.ndarray, face: Face, origin: str) -> Reference:  # type: ignore[type-arg]
    portrait = frame.cut(image, face.landmarks, SIDE)
    return Reference(portrait, measure(portrait.image, portrait.landmarks, face).score, origin)


def _misfit(face: Portrait, shapes: Sequence[Points]) -> float:
    ways = [_shape(face.landmarks), _shape(frame.turned_over(face).landmarks)]
    off = float(np.mean([min(float(np.square(s - w).mean()) for w in ways) for s in shapes]))
    return float(np.sqrt(off)) + 0.2  # px; nearer than that is all the same


def _shape(landmarks: Points) -> Points:
    by = frame.matrix(landmarks, CHECK)
    return np.asarray(landmarks[: frame.RIGID] @ by[:, :2].T + by[:, 2], np.float32)
