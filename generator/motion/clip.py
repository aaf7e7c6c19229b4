"""THE REENACTMENT OF A PHOTOGRAPH: a face and a clip in, a film of that face with the clip's motion and sound out.

source -> square; driving clip -> survey -> steady landmarks -> `transfer` -> for each frame: move, film
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catchlight.detector import media
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.threads import opencv_on_one_thread
from catchlight.detector.types import Points
from catchlight.generator.motion import frame
from catchlight.generator.motion.animator import Animator
from catchlight.generator.motion.transfer import transferred
from catchlight.generator.swap import scene
from catchlight.generator.swap.film import Film
from catchlight.generator.swap.frame import cut_by
from catchlight.generator.swap.provenance import described, save_still
from catchlight.generator.swap.steady import steady
from catchlight.generator.types import Portrait

METHOD = "motion"
LABEL = described(METHOD, "face set in motion")
SIDES = (64, 1024)
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class ReenactOptions:
    """How a face is set in motion."""

    side: int = 256  # px of the square film
    kind: str = "relative"  # or absolute, see `transfer`
    person: int | None = None  # number of the driving person, 1 the most prominent
    near: tuple[float, float] | None = None  # or whoever is nearest to this point, pixels


@dataclass(frozen=True, slots=True)
class Reenacted:
    """What was made.

    Attributes:
        source: The photograph.
        driving: The clip.
        out: What was written.
        options: How.
        frames: Number of frames.
        held: Frames in which the driving person was not seen; the face stands still there.
        people: Who was in the clip, in words.
        seconds: CPU time in all.
    """

    source: Path
    driving: Path
    out: Path
    options: ReenactOptions
    frames: int
    held: tuple[int, ...]
    people: str
    seconds: float


def reenact(
    source: Path,
    driving: Path,
    out: Path,
    animator: Animator,
    options: ReenactOptions = ReenactOptions(),
    progress: Progress | None = None,
) -> Reenacted:
    """Set the face of a photograph in the motion of a clip.

    Args:
        source: The photograph; of several faces the largest is moved.
        driving: The clip, or a still for one picture; its sound and times are kept.
        out: To write; .mp4, .mov or .mkv for a clip, .png or .jpg for a still.
        animator: The network.
        options: How.
        progress: Called with the stage, the frames done and their number, None where it is not known.

    Raises:
        MediaError: A file can't be read.
        DataError: The photograph or the clip shows nobody, or the output can't be written.
        ConfigError: The output is one of the inputs, its suffix does not fit, or a setting is out of range.
    """
    started = clock.process_time()
    _check(source, driving, out, options)
    face = portrait(source, options.side)
    about = media.probe(driving, scene.LIMITS)
    seen = scene.survey(driving, progress and (lambda done: progress("looking", done, about.frames or None)))
    crops = seen.crops(scene.choose(seen, driving, options.person, options.near))
    placed = steady(
        [crops[i].face.landmarks if i in crops else None for i in range(seen.frames)], scene.cuts(crops)
    )
    wanted, held = _filled(face.landmarks, [p.landmarks if p else None for p in placed], options)
    with opencv_on_one_thread():
        if about.kind == "image":
            save_still(out, animator.move(face, wanted[0]), LABEL)
        else:
            _film(out, driving, face, animator, wanted, seen.times, progress)
    seconds = round(clock.process_time() - started, 2)
    return Reenacted(source, driving, out, options, seen.frames, held, scene.described(seen), seconds)


def portrait(path: Path, side: int) -> Portrait:
    """The largest face of a photograph in its square.

    Raises:
        MediaError: It can't be read.
        DataError: It shows no face.
    """
    picture = next(media.frames(path, scene.EVERY, scene.LIMITS))
    with FaceFinder() as finder:
        faces = finder.find(picture.image, thorough=True)
    if not faces:
        raise DataError(f"{path} shows no face; choose a sharp, well-lit picture of the person")
    landmarks = faces[0].landmarks
    return cut_by(picture.image, landmarks, frame.matrix([landmarks], side), side)


def _film(
    out: Path,
    driving: Path,
    face: Portrait,
    animator: Animator,
    wanted: Sequence[Points],
    times: Sequence[float],
    progress: Progress | None,
) -> None:
    with Film(out, LABEL, driving) as film:
        for number, (landmarks, time) in enumerate(zip(wanted, times, strict=True), 1):
            film.add(animator.move(face, landmarks), time)
            if progress:
                progress("moving", number, len(wanted))


def _filled(
    source: Points, found: Sequence[Points | None], options: ReenactOptions
) -> tuple[list[Points], tuple[int, ...]]:
    """Landmarks for every frame: where nobody is seen those of the frame before, at first the source's own."""
    known = [points for points in found if points is not None]
    moves = iter(transferred(source, known, options.side, options.kind))
    wanted, last = [], np.asarray(source, np.float32)
    for points in found:
        last = last if points is None else next(moves)
        wanted.append(last)
    return wanted, tuple(i for i, points in enumerate(found) if points is None)


def _check(source: Path, driving: Path, out: Path, options: ReenactOptions) -> None:
    if out.exists() and any(out.samefile(path) for path in (source, driving)):
        raise ConfigError(f"{out} is one of the inputs; give another name to what is made")
    if not SIDES[0] <= options.side <= SIDES[1] or options.side % 2:
        raise ConfigError(f"side must be even, from {SIDES[0]} to {SIDES[1]} px, received {options.side}")
