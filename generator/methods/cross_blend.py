"""Cross-blend: another person's face, moved by an affine map alone and given the target's mean colour, blended in.

The training data of Li et al., "Face X-ray for More General Face Forgery Detection", CVPR 2020; the seam that it leaves
is `Forgery.boundary`. The donor should be a face with nearly the same landmarks: `donors.SwapPairs` finds one.
"""

from __future__ import annotations

import numpy as np

from catchlight.detector.errors import ConfigError
from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.face_swap import KIND_WEIGHTS, KINDS, aligned
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.post import colour
from catchlight.generator.types import Forgery, Portrait


class CrossBlend:
    """The method as the registry makes it.

    Args:
        kind: A mask kind of `masks.KINDS`, or None to draw one of those that swaps use.
        hardness: 0 (easy to see: the donor's own colours, a hard seam) to 1, or None to draw the seam's softness.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> made = CrossBlend()(sample_portrait(64, 1), sample_portrait(64, 2), np.random.default_rng(1))
        >>> bool(made.boundary.max() > 0.5)
        True
    """

    family = "cross_blend"
    needs_source = True

    def __init__(self, kind: str | None = None, hardness: float | None = None) -> None:
        self.kind, self.dial = kind, Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Put the face of ``source`` into ``target``.

        Raises:
            ConfigError: If there is no source.
        """
        if source is None:
            raise ConfigError("a cross-blend needs a source: the face to put in")
        inner = aligned(source, target)
        kind = self.kind or str(rng.choice(KINDS, p=KIND_WEIGHTS))
        hard = masks.hull(kind, target.landmarks, target.image.shape[0], rng)
        matched = colour.mean(inner, target.image, hard)
        inner = colour.towards(inner, matched, self.dial.fixed(1.0, easy=0.0, hard=1.0))
        mask = masks.soften(masks.deform(hard, rng), rng, self.dial)
        return Forgery(blend(target.image, inner, mask), mask)
