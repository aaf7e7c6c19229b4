"""Whether the expression of a target stays in its swap; landmarks are found anew in the swap.

Expression kept: 1 minus how far eyes and lips of the swap are from the target's, in units of how far the source's are,
each face in the mean face's frame. 1 is the target's expression, 0 is no nearer to it than the source's. It counts a
face's shape, too, so between the same two people `movement_kept` is the better one.
Movement kept: the same of movements, as differences from the mean of all pictures, in units of the target's. 1 moves as
the target does, 0 is as wrong as a face that stands still.
Mouth kept: how far lips part in the swaps for each step that they part in the targets. 1 is as far, 0 not at all or
twice as far.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.faces import FaceFinder
from catchlight.detector.types import Pixels, Points
from catchlight.generator.swap import frame
from catchlight.generator.types import Portrait

MOVING = lm.LEFT_EYE + lm.RIGHT_EYE + lm.LIPS
INNER_LIPS = (13, 14)  # the middle of the upper and of the lower lip, on the inside
STILL = 0.01  # standard deviation of openings, in units of the frame's side, below which a mouth hardly moves
REST = 0.002  # mean movement of eyes and lips, likewise, below which a face is at rest


def landmarks_of(images: Sequence[Pixels]) -> list[Points | None]:
    """Landmarks of the first face in each picture, None where none is found."""
    with FaceFinder() as finder:
        found = [finder.find(image) for image in images]
    return [faces[0].landmarks if faces else None for faces in found]


def expression_kept(
    made: Sequence[Points | None], sources: Sequence[Portrait], targets: Sequence[Portrait]
) -> float:
    """How far swaps, by their landmarks, keep their targets' expressions, -1 to 1; one without a face counts 0."""
    return float(np.mean([_kept(m, s, t) for m, s, t in zip(made, sources, targets, strict=True)]))


def movement_kept(made: Sequence[Points | None], targets: Sequence[Portrait]) -> float | None:
    """How far swaps, by their landmarks, move as their targets do, -1 to 1; None where those hardly move.

    Args:
        made: Of swaps between the same two people.
        targets: Their targets, of one person.
    """
    pairs = [(_moving(m), _moving(t.landmarks)) for m, t in zip(made, targets, strict=True) if m is not None]
    if len(pairs) < 3:
        return None
    found, wanted = (np.stack(part) for part in zip(*pairs, strict=True))
    found, wanted = (part - part.mean(axis=0) for part in (found, wanted))
    possible = float(np.abs(wanted).mean())
    return max(-1.0, 1 - float(np.abs(found - wanted).mean()) / possible) if possible >= REST else None


def mouth_kept(made: Sequence[Points | None], targets: Sequence[Portrait]) -> float | None:
    """How far mouths of swaps, by their landmarks, open with their targets', -1 to 1; None where those hardly move."""
    pairs = [(opening(t.landmarks), opening(m)) for m, t in zip(made, targets, strict=True) if m is not None]
    if len(pairs) < 3 or np.std([wanted for wanted, _ in pairs]) < STILL:
        return None
    wanted, found = np.array(pairs).T
    slope = float(np.polyfit(wanted, found, 1)[0])
    return max(-1.0, 1 - abs(1 - slope))


def opening(landmarks: Points) -> float:
    """How far lips are apart, in units of the mean face's frame."""
    upper, lower = landmarks[list(INNER_LIPS)] * np.hypot(*frame.matrix(landmarks, 1)[:, 0])
    return float(np.hypot(*(lower - upper)))


def _kept(made: Points | None, source: Portrait, target: Portrait) -> float:
    if made is None:
        return 0.0
    wanted = _moving(target.landmarks)
    off, possible = (float(np.abs(_moving(p) - wanted).mean()) for p in (made, source.landmarks))
    return max(-1.0, 1 - off / max(possible, 1e-3))


def _moving(landmarks: Points) -> Points:
    """Eyes and lips in the mean face's frame of side 1."""
    by = frame.matrix(landmarks, 1)
    return np.asarray(landmarks[list(MOVING)] @ by[:, :2].T + by[:, 2], np.float32)
