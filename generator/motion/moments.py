"""What a motion network learns from: moments of clips, and stills set in the motion that clips show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catchlight.datasets.faces import Store
from catchlight.detector import media
from catchlight.detector.errors import DataError, MediaError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.media import Sampling
from catchlight.detector.threads import opencv_on_one_thread
from catchlight.detector.types import Pixels, Points
from catchlight.generator.motion import frame
from catchlight.generator.swap.frame import cut_by
from catchlight.generator.types import Portrait

SUFFIXES = (".mp4", ".mov", ".mkv", ".avi", ".webm")
LEAST = 4  # moments with a face that make a clip usable
SHARE = 0.2  # of the clips, held out
SMALLEST = 48.0  # px; a narrower face in a clip teaches blur
Clip = tuple[Portrait, ...]


@dataclass(frozen=True, slots=True)
class Moments:
    """Faces in motion.

    Attributes:
        clips: Each one's moments, cut by one square.
        stills: Single pictures, cut likewise.
        dropped: Clips without enough moments that show a face.
    """

    clips: tuple[Clip, ...]
    stills: tuple[Portrait, ...]
    dropped: tuple[str, ...] = ()


def from_clips(
    folder: Path, side: int, count: int, held_out: bool, progress: Callable[[str], None] | None = None
) -> Moments:
    """The moments of a folder's clips, or of those of them that are held out.

    Which ones are follows from their names, so it stays when clips are added.

    Args:
        folder: Of clips.
        side: Of the pictures to cut, pixels.
        count: Moments of each clip, evenly spaced.
        held_out: Whether to read the held-out ones.
        progress: Called with the name of each clip.

    Raises:
        DataError: There is no usable clip.
    """
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
    chosen = [path for path in paths if is_held_out(path.name) == held_out]
    clips, dropped = [], []
    with FaceFinder() as finder, opencv_on_one_thread():
        for path in chosen:
            moments = _moments(path, finder, side, count)
            if moments:
                clips.append(moments)
            else:
                dropped.append(path.name)
            if progress:
                progress(path.name)
    if not clips:
        part = "held-out " if held_out else ""
        raise DataError(
            f"{folder} has no usable {part}clip: {len(paths)} clips, {len(chosen)} of them {part or 'for training'}, "
            f"in none of which {LEAST} of {count} moments show a face. About a fifth is held out, by name; add clips "
            "of people before a camera"
        )
    return Moments(tuple(clips), (), tuple(dropped))


def is_held_out(name: str) -> bool:
    """Whether a clip of this name is measured on, not learned from."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]) / 2**32 < SHARE


def stills(store: Store, indices: Sequence[int], side: int) -> tuple[Portrait, ...]:
    """Pictures of a store, cut by their squares."""
    return tuple(_cut(store.image(i), store.landmarks[i], [store.landmarks[i]], side) for i in indices)


def _moments(path: Path, finder: FaceFinder, side: int, count: int) -> Clip:
    """The moments of one clip; none where too few show a face."""
    found: list[tuple[Pixels, Points]] = []
    try:
        for picture in media.frames(path, Sampling("even", count=count)):
            faces = finder.find(picture.image, most=1)
            if faces and np.ptp(faces[0].landmarks[:, 0]) >= SMALLEST:
                found.append((picture.image, faces[0].landmarks))
    except MediaError:  # one clip that can't be read to its end is no reason to end
        pass
    if len(found) < LEAST:
        return ()
    landmarks = [points for _, points in found]
    moments = [_cut(image, points, landmarks, side) for image, points in found]
    return tuple(moment for moment in moments if _inside(moment, side))


def _cut(image: Pixels, points: Points, of: Sequence[Points], side: int) -> Portrait:
    return cut_by(image, points, frame.matrix(of, side), side)


def _inside(moment: Portrait, side: int) -> bool:
    """Whether it shows the person of the other moments: a cut to somebody else lies elsewhere."""
    middle = moment.landmarks.mean(axis=0)
    height = float(np.ptp(moment.landmarks[:, 1]))
    return bool((np.abs(middle - side / 2) < 0.3 * side).all() and 0.3 * side < height < 0.9 * side)
