"""Self-blend: a face blended with an altered copy of itself.

What remains is only what every swap leaves, the seam and the mismatch of colour, sharpness and position;
no identity, no tool, no codec can be learned. Source: Shiohara & Yamasaki, "Detecting Deepfakes with
Self-Blended Images", CVPR 2022, from its description.

Given a source of the same face that went through a decoder (`reconstruct`), the same steps make a swap whose
inside carries a decoder's traces.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import degrade
from catchlight.detector.types import Pixels
from catchlight.generator import masks
from catchlight.generator.types import Forgery, Mask, Portrait

RATIOS = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0)  # how much of the inside is replaced


class SelfBlend:
    """The method as the registry makes it.

    Args:
        kind: A mask kind of `masks.KINDS`, or None to draw one for each face.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> face = Portrait(np.full((64, 64, 3), 128, np.uint8), rng.uniform(16, 48, (478, 2)).astype("f4"))
        >>> SelfBlend()(face, None, rng).mask.shape
        (64, 64)
    """

    family = "self_blend"

    def __init__(self, kind: str | None = None) -> None:
        self.kind = kind

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Blend ``target`` with an altered copy of itself, or with ``source`` (the same face, same pixels).

        Returns:
            The blend and its mask, the ratio included.
        """
        inner, outer = (source or target).image, target.image
        if source is None:
            inner, outer = (alter(inner, rng), outer) if rng.random() < 0.5 else (inner, alter(outer, rng))
        elif rng.random() < 0.5:  # a decoder's traces are enough; often nothing else is off
            inner = alter(inner, rng)
        mask = masks.hull(self.kind or masks.draw_kind(rng), target.landmarks, outer.shape[0], rng)
        mask = masks.deform(mask, rng)
        inner, mask = move(inner, mask, rng)
        mask = masks.soften(mask, rng) * np.float32(rng.choice(RATIOS))
        return Forgery(blend(outer, inner, mask), mask, outer)


def blend(outer: Pixels, inner: Pixels, mask: Mask) -> Pixels:
    """``inner`` where the mask is 1, ``outer`` where it is 0, linear between; RGB uint8."""
    weight = mask[..., None]
    mixed = outer.astype(np.float32) * (1 - weight) + inner.astype(np.float32) * weight
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def alter(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Change light, colour and sharpness of a copy, as a swap's inside differs from its surroundings.

    The strength is drawn too: a good swap matches colours, so many blends must differ by little.
    """
    much = rng.uniform(0.1, 1.0)
    if rng.random() < 0.8:
        image = _shifted(image, rng.uniform(-20, 20, 3) * much)
    if rng.random() < 0.5:
        image = degrade.hue(image, rng.uniform(-6, 6) * much, 1 + rng.uniform(-0.2, 0.2) * much)
    if rng.random() < 0.6:
        image = degrade.tone(image, rng.uniform(-18, 18) * much, 1 + rng.uniform(-0.12, 0.12) * much, 1.0)
    return resharpen(image, rng) if rng.random() < 0.9 else image


def _shifted(image: Pixels, levels: NDArray[np.float64]) -> Pixels:
    """Each channel moved by its grey levels, saturating."""
    return np.asarray(cv2.add(image, np.append(levels, 0.0)), np.uint8)


def resharpen(image: Pixels, rng: np.random.Generator) -> Pixels:
    """Make a copy softer, sharper, cleaner or grainier than it was."""
    match int(rng.integers(6)):
        case 0 | 1:
            return degrade.resize(image, 1 / rng.uniform(1.3, 4.0), float(rng.integers(3)))
        case 2:
            soft = cv2.GaussianBlur(image, (0, 0), 1.5)
            amount = rng.uniform(0.3, 1.0)
            return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)
        case 3:
            return degrade.blur(image, rng.uniform(0.4, 1.5))
        case 4:
            return np.asarray(cv2.medianBlur(image, 3), np.uint8)
        case _:
            return degrade.noise(image, rng.uniform(1, 6), float(rng.integers(2**31)))


def move(inner: Pixels, mask: Mask, rng: np.random.Generator) -> tuple[Pixels, Mask]:
    """Shift and scale the inside and its mask together, by at most 3 % and 5 %."""
    side = mask.shape[0]
    scale = float(rng.uniform(0.95, 1 / 0.95))
    dx, dy = rng.uniform(-0.03, 0.03) * side, rng.uniform(-0.015, 0.015) * side
    affine = np.array([[scale, 0, dx + (1 - scale) * side / 2], [0, scale, dy + (1 - scale) * side / 2]])
    moved = cv2.warpAffine(inner, affine, (side, side), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(moved, np.uint8), np.asarray(cv2.warpAffine(mask, affine, (side, side)), np.float32)
