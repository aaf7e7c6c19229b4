"""Whose landmarks go where: the motion of one face carried over to another.

Relative: the source moves as the driving face moves from the moment at which it is most like the source, so the source
keeps its own shape. Absolute: the source takes the driving face's landmarks as they are, and with them its shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from catchlight.detector.errors import UnknownName
from catchlight.detector.types import Points
from catchlight.generator.motion import frame
from catchlight.generator.warp import moved, similarity

Kind = Literal["relative", "absolute"]
SHAPE = 468  # landmarks by which faces are compared; gaze is left out


def transferred(source: Points, driving: Sequence[Points], side: int, kind: str = "relative") -> list[Points]:
    """The landmarks that a source is to have, moment by moment.

    Args:
        source: Landmarks of the source in its square, float32 (478, 2), pixels.
        driving: Landmarks of one person in the frames of a clip, likewise, pixels of the frames; one at least.
        side: Of the source's square, pixels.
        kind: ``relative`` or ``absolute``.

    Raises:
        UnknownName: No such kind.

    Example:
        >>> face = np.random.default_rng(1).uniform(20, 80, (478, 2)).astype(np.float32)
        >>> still, aside = transferred(face, [2 * face, 2 * face + 6], 100)
        >>> bool(np.allclose(still, face, atol=1e-3)), bool(np.allclose(aside, face + 3, atol=1e-3))
        (True, True)
    """
    if kind not in get_args(Kind):
        raise UnknownName("kind of motion", kind, get_args(Kind))
    if kind == "absolute":
        by = frame.matrix(driving, side)
        return [moved(points, by) for points in driving]
    first = driving[nearest(source, driving)]
    by = similarity(first[:SHAPE], source[:SHAPE])
    start = moved(first, by)
    return [np.asarray(source + moved(points, by) - start, np.float32) for points in driving]


def nearest(source: Points, driving: Sequence[Points]) -> int:
    """Number of the moment whose face is most like the source in pose and expression."""
    return int(np.argmin([_unlike(points[:SHAPE], source[:SHAPE]) for points in driving]))


def _unlike(points: Points, others: Points) -> float:
    return float(np.square(moved(points, similarity(points, others)) - others).mean())
