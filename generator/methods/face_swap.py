"""Classical face swap: another person's face is bent onto the landmarks, matched in colour and blended in.

The bend follows all landmarks, or is affine alone, as in `cross_blend`; the donor should be a face with nearly the same
landmarks (`donors.SwapPairs` finds one). Poisson blending: Pérez et al., "Poisson Image Editing", 2003.
"""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend, resharpen
from catchlight.generator.post import colour
from catchlight.generator.types import Forgery, Mask, Portrait
from catchlight.generator.warp import affine, transformed, warp

KINDS = ("whole", "extended", "no_forehead", "components")  # masks that swaps use
KIND_WEIGHTS = (0.3, 0.25, 0.3, 0.15)
AFFINE_SHARE = 0.3  # of swaps that bend nothing
POISSON_SHARE = 0.15  # of swaps that blend gradients
RATIOS = (0.85, 1.0, 1.0)  # how much of the inside is replaced
SOFTENED = 0.5  # share whose inside is made softer, sharper or grainier than the donor's picture


class FaceSwap:
    """The method as the registry makes it.

    Args:
        kind: A mask kind of `masks.KINDS`, or None to draw one of those that swaps use.
        hardness: 0 (easy to see: the donor's own colours, hard seams) to 1, or None to draw every strength.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> FaceSwap()(sample_portrait(64, 1), sample_portrait(64, 2), np.random.default_rng(1)).image.shape
        (64, 64, 3)
    """

    family = "face_swap"
    needs_source = True

    def __init__(self, kind: str | None = None, hardness: float | None = None) -> None:
        self.kind, self.dial = kind, Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Put the face of ``source`` into ``target``.

        Raises:
            ConfigError: If there is no source.
        """
        if source is None:
            raise ConfigError("a face swap needs a source: the face to put in")
        bent = warp(source, target.landmarks) if rng.random() >= AFFINE_SHARE else aligned(source, target)
        core = masks.hull("whole", target.landmarks, target.image.shape[0], rng)
        matched = colour.MATCHES[str(rng.choice(list(colour.MATCHES)))](bent, target.image, core)
        inner = colour.towards(bent, matched, self.dial.fixed(1.0, easy=0.0, hard=1.0))
        if rng.random() < SOFTENED:
            inner = resharpen(inner, rng, self.dial)
        kind = self.kind or str(rng.choice(KINDS, p=KIND_WEIGHTS))
        hard = masks.hull(kind, target.landmarks, target.image.shape[0], rng)
        if rng.random() < POISSON_SHARE:
            return _poisson(target.image, inner, hard)
        mask = masks.soften(masks.deform(hard, rng), rng, self.dial)
        mask = mask * np.float32(self.dial.choice(rng, RATIOS))
        return Forgery(blend(target.image, inner, mask), mask)


def aligned(source: Portrait, target: Portrait) -> Pixels:
    """``source`` with its landmarks as near to the target's as an affine map takes them; RGB uint8."""
    return transformed(source.image, affine(source.landmarks, target.landmarks))


def _poisson(outer: Pixels, inner: Pixels, hard: Mask) -> Forgery:
    """Blend gradients under a hard mask; its rim stays a pixel inside the picture."""
    inside = hard.copy()
    inside[[0, 1, -2, -1]] = inside[:, [0, 1, -2, -1]] = 0
    if not inside.any():
        return Forgery(blend(outer, inner, hard), hard)
    x, y, width, height = cv2.boundingRect(inside.astype(np.uint8))
    centre = (x + width // 2, y + height // 2)
    cloned = cv2.seamlessClone(inner, outer, (inside * 255).astype(np.uint8), centre, cv2.NORMAL_CLONE)
    changed = inside[..., None] > 0
    return Forgery(np.where(changed, np.asarray(cloned, np.uint8), outer), inside)
