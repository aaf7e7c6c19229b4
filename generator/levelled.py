"""Pairs of equal sharpness: how sharp a face is must not tell real from fake.

Almost every way to forge softens: all reconstructions and seven of ten self-blends have less fine detail than the
picture that they were made of. A network trained on them becomes a meter of sharpness: blur raises its score on real
photographs, and a generator that draws sharp faces passes as more real than real. One history for both members of a
pair does not help, because the difference is there before it. So the fine detail inside the forged region is made
equal: the forgery is sharpened or softened there, or the real picture as a whole, by a coin. What stays is that the
detail is *other*, or fits its surroundings badly.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from catchlight.datasets.batches import Pair, PairSource
from catchlight.datasets.degrade import blur, sharpen
from catchlight.detector.types import Pixels
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.types import Mask

FINE = 0.8  # px; what a Gaussian blur of this standard deviation takes away is fine detail
FLOOR = 0.05  # grey levels squared; below that is rounding
BLURS = (0.25, 0.35, 0.45, 0.55, 0.7, 0.9, 1.15, 1.5)  # px, standard deviations that are tried
AMOUNTS = (0.15, 0.3, 0.5, 0.75, 1.1, 1.6, 2.2)  # of an unsharp mask
NEAR = 0.05  # natural logarithm of energies; closer is equal


@dataclass(frozen=True, slots=True)
class LevelledPairs:
    """Another source's pairs, most of them made equally sharp.

    Attributes:
        source: Where the pairs come from.
        share: Share of pairs that are changed, 0 to 1.

    Example:
        >>> class Soft:
        ...     def pair(self, side, rng):
        ...         real = rng.integers(0, 256, (side, side, 3), np.uint8)
        ...         return Pair(real, cv2.GaussianBlur(real, (0, 0), 1.0), np.ones((side, side), np.float32))
        >>> made = LevelledPairs(Soft(), share=1.0).pair(64, np.random.default_rng(1))
        >>> bool(abs(energy(made.fake, made.mask) - energy(made.real, made.mask)) < 0.5)
        True
    """

    source: PairSource
    share: float = 0.85

    def pair(self, side: int, rng: np.random.Generator) -> Pair:
        """Make one pair of crops of ``side`` pixels."""
        pair = self.source.pair(side, rng)
        return level(pair, rng) if rng.random() < self.share else pair


def energy(image: Pixels, mask: Mask) -> float:
    """Natural logarithm of the mean square of fine detail, weighted by a mask.

    Args:
        image: RGB uint8, shape (height, width, 3).
        mask: float32, shape (height, width), 0 to 1.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = grey - cv2.GaussianBlur(grey, (0, 0), FINE)
    return float(np.log((detail**2 * mask).sum() / max(float(mask.sum()), 1e-6) + FLOOR))


def level(pair: Pair, rng: np.random.Generator) -> Pair:
    """Make both members equally sharp where the fake was altered.

    Args:
        pair: The pair; where its mask is empty it stays as it is.
        rng: Its coin chooses the member that changes: the fake inside its mask, or all of the real one.
    """
    if not pair.mask.any():
        return pair
    fake, real = energy(pair.fake, pair.mask), energy(pair.real, pair.mask)
    if rng.random() < 0.5:
        matched = _matched(pair.fake, fake, real, pair.mask)
        return replace(pair, fake=blend(pair.fake, matched, pair.mask))
    return replace(pair, real=_matched(pair.real, real, fake, pair.mask))


def _matched(image: Pixels, has: float, wanted: float, mask: Mask) -> Pixels:
    """The picture sharpened or softened by the step that comes nearest to the wanted energy."""
    best, miss = image, abs(has - wanted)
    for strength in AMOUNTS if wanted > has else BLURS:
        if miss < NEAR:
            break
        changed = sharpen(image, strength, 1.0) if wanted > has else blur(image, strength)
        off = abs(energy(changed, mask) - wanted)
        if off > miss:
            break
        best, miss = changed, off
    return best
