"""Classical face swap: another person's face is bent onto the landmarks, matched in colour and blended in.

The bend follows all landmarks, or is affine alone, as in the cross-blends of Li et al., "Face X-ray", CVPR 2020, where
the donor is a face with nearly the same landmarks (`pairs.SwapPairs` finds one). Poisson blending: Pérez et al.,
"Poisson Image Editing", 2003.
"""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator import colour, masks
from catchlight.generator.methods.self_blend import blend, resharpen
from catchlight.generator.types import Forgery, Mask, Portrait
from catchlight.generator.warp import affine, warp

KINDS = ("whole", "extended", "no_forehead", "components")  # masks that swaps use
KIND_WEIGHTS = (0.3, 0.25, 0.3, 0.15)
AFFINE_SHARE = 0.3  # of swaps that bend nothing
POISSON_SHARE = 0.15  # of swaps that blend gradients
SOFTENED = 0.5  # share whose inside is made softer, sharper or grainier than the donor's picture


class FaceSwap:
    """The method as the registry makes it.

    Args:
        kind: A mask kind of `masks.KINDS`, or None to draw one of those that swaps use.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> FaceSwap()(sample_portrait(64, 1), sample_portrait(64, 2), np.random.default_rng(1)).image.shape
        (64, 64, 3)
    """

    family = "face_swap"
    needs_source = True

    def __init__(self, kind: str | None = None) -> None:
        self.kind = kind

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Put the face of ``source`` into ``target``.

        Raises:
            ConfigError: If there is no source.
        """
        if source is None:
            raise ConfigError("a face swap needs a source: the face to put in")
        inner = _bent(target, source, rng)
        core = masks.hull("whole", target.landmarks, target.image.shape[0], rng)
        inner = colour.MATCHES[str(rng.choice(list(colour.MATCHES)))](inner, target.image, core)
        if rng.random() < SOFTENED:
            inner = resharpen(inner, rng)
        kind = self.kind or str(rng.choice(KINDS, p=KIND_WEIGHTS))
        hard = masks.hull(kind, target.landmarks, target.image.shape[0], rng)
        if rng.random() < POISSON_SHARE:
            return _poisson(target.image, inner, hard)
        mask = masks.soften(masks.deform(hard, rng), rng) * np.float32(rng.choice((0.85, 1.0, 1.0)))
        return Forgery(blend(target.image, inner, mask), mask)


def _bent(target: Portrait, source: Portrait, rng: np.random.Generator) -> Pixels:
    if rng.random() >= AFFINE_SHARE:
        return warp(source, target.landmarks)
    side = target.image.shape[0]
    matrix = affine(source.landmarks, target.landmarks)
    moved = cv2.warpAffine(
        source.image, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved, np.uint8)


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
