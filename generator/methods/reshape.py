"""A part of the face moved: brows raised or knit, eyes widened or narrowed, the mouth smiling or drawn down.

What expression editors and face-tuning apps do: the part keeps its texture, and the skin around it is stretched. It is
bent by `generator.warp`; the rest of the picture is left as it is.
"""

from __future__ import annotations

import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Points
from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.options import Choice
from catchlight.generator.post import edges
from catchlight.generator.types import Forgery, Portrait
from catchlight.generator.warp import warp

# Part -> the groups of landmarks that move together, each about its own middle.
PARTS: dict[str, tuple[tuple[int, ...], ...]] = {
    "brows": (lm.RIGHT_BROW, lm.LEFT_BROW),
    "eyes": (lm.RIGHT_EYE + lm.RIGHT_IRIS, lm.LEFT_EYE + lm.LEFT_IRIS),
    "mouth": (lm.LIPS,),
}
LARGEST = 0.05  # of the face's height: how far a part's landmarks move
SMALLEST = 0.012
ROOM = 0.04  # of the side: skin around the part that gives way


class Reshape:
    """The method as the registry makes it.

    Args:
        part: A name in `PARTS`, or None to draw one.
        hardness: 0 (easy to see: moved far) to 1, or None to draw how far.

    Raises:
        UnknownName: No such part.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> Reshape("mouth")(sample_portrait(64), None, np.random.default_rng(1)).image.shape
        (64, 64, 3)
    """

    family = "reshape"

    def __init__(self, part: str | None = None, hardness: float | None = None) -> None:
        self.part, self.dial = Choice("part", part, PARTS), Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Move a part of the face of ``target``; a source is not used."""
        part = self.part.draw(rng)
        side, reach = target.image.shape[0], self.dial.uniform(rng, SMALLEST, LARGEST, hard="low")
        after = self._moved(part, target.landmarks, reach, rng)
        hard = np.maximum(
            *(masks.hull(_KINDS[part], points, side, rng) for points in (target.landmarks, after))
        )
        mask = masks.soften(edges.grow(hard, ROOM * side), rng, self.dial)
        return Forgery(blend(target.image, warp(target, after), mask), mask)

    def _moved(self, part: str, points: Points, reach: float, rng: np.random.Generator) -> Points:
        """Landmarks of the part lifted, spread and bent: up or down by a coin each, alike on both sides."""
        down = (points[lm.CHIN] - points[lm.FOREHEAD]).astype(np.float64)
        across = np.array([down[1], -down[0]])
        lift, spread, bend = reach * rng.choice((-1.0, 1.0), 3) * rng.uniform(0.5, 1.0, 3)
        after = points.copy()
        for names in PARTS[part]:
            own = points[list(names)]
            apart = own - own.mean(axis=0)
            along = apart @ across / max(float(np.abs(apart @ across).max()), 1e-6)  # -1 to 1 from end to end
            shift = (
                lift * down + (bend * (along**2 - 0.4))[:, None] * down + (spread * along)[:, None] * across
            )
            after[list(names)] = own + shift
        return after


_KINDS = {"brows": "eyes", "eyes": "eyes", "mouth": "mouth"}  # kind of mask that covers a part
