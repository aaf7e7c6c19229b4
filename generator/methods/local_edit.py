"""Local edits: the mouth, the lower face or the eyes of another moment, put where those of this moment were.

Lip sync replaces the mouth and leaves the rest as it is (Prajwal et al., "A Lip Sync Expert Is All You Need", 2020,
whose mouths come from 96 px and are soft). Given two frames of one clip, the part fits in person and light; what tells
is softness, seam and expression.
"""

from __future__ import annotations

import numpy as np

from catchlight.datasets import degrade
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend, resharpen
from catchlight.generator.options import Choice
from catchlight.generator.post import colour
from catchlight.generator.types import Forgery, Mask, Portrait
from catchlight.generator.warp import moved, similarity, transformed

PARTS = {"mouth": 0.5, "lower": 0.35, "eyes": 0.15}
STEADY = (*lm.NOSE, *lm.LEFT_EYE_CORNERS, *lm.RIGHT_EYE_CORNERS, *lm.LEFT_BROW, *lm.RIGHT_BROW)
SOFT = 0.55  # share whose part comes from a small picture
COLOUR_MATCHED = 0.5


class LocalEdit:
    """The method as the registry makes it.

    Args:
        part: A name in `PARTS`, or None to draw one.
        hardness: 0 (easy to see: small, unmatched, hard seams) to 1, or None to draw every strength.

    Raises:
        UnknownName: No such part.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> LocalEdit("mouth")(sample_portrait(64, 1), sample_portrait(64, 2), np.random.default_rng(1)).mask.shape
        (64, 64)
    """

    family = "local_edit"
    needs_source = True

    def __init__(self, part: str | None = None, hardness: float | None = None) -> None:
        self.part, self.dial = Choice("part", part, PARTS), Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Put a part of ``source`` into ``target``.

        Raises:
            ConfigError: If there is no source.
        """
        if source is None:
            raise ConfigError(
                "a local edit needs a source: another picture of the person, which gives the part"
            )
        part = self.part.draw(rng, PARTS.values())
        fit = similarity(source.landmarks[list(STEADY)], target.landmarks[list(STEADY)])
        inner = transformed(source.image, fit)
        mask = _mask(part, target, moved(source.landmarks, fit), rng, self.dial)
        match = self.dial.fixed(float(rng.random() < COLOUR_MATCHED), easy=0.0, hard=1.0)
        if match:
            inner = colour.towards(inner, colour.mean_std(inner, target.image, mask), match)
        inner = _soft(inner, rng, self.dial) if rng.random() < SOFT else inner
        return Forgery(blend(target.image, inner, mask), mask)


def _mask(
    part: str,
    target: Portrait,
    other: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    rng: np.random.Generator,
    dial: Dial,
) -> Mask:
    """Covers the part of both moments: an open mouth is not to look out from under a shut one."""
    side = target.image.shape[0]
    hard = np.maximum(masks.hull(part, target.landmarks, side, rng), masks.hull(part, other, side, rng))
    return masks.soften(masks.deform(hard, rng, 0.006), rng, dial)


def _soft(image: Pixels, rng: np.random.Generator, dial: Dial) -> Pixels:
    """As from a generator that works at 50 to 130 px; sometimes sharpened again."""
    soft = degrade.resize(image, dial.uniform(rng, 50, 130, hard="high") / image.shape[0], 0.0)
    return resharpen(soft, rng, dial) if rng.random() < 0.3 else soft
