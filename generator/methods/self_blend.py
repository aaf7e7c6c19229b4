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
from catchlight.generator.hardness import OPEN, Dial
from catchlight.generator.types import Forgery, Mask, Portrait
from catchlight.generator.warp import Affine, transformed_within

RATIOS = (0.25, 0.5, 0.75, 1.0, 1.0, 1.0)  # how much of the inside is replaced


class SelfBlend:
    """The method as the registry makes it.

    Args:
        kind: A mask kind of `masks.KINDS`, or None to draw one for each face.
        hardness: 0 (easy to see: strong alterations, hard seams) to 1, or None to draw every strength.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> face = Portrait(np.full((64, 64, 3), 128, np.uint8), rng.uniform(16, 48, (478, 2)).astype("f4"))
        >>> SelfBlend()(face, None, rng).mask.shape
        (64, 64)
    """

    family = "self_blend"

    def __init__(self, kind: str | None = None, hardness: float | None = None) -> None:
        self.kind, self.dial = kind, Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Blend ``target`` with an altered copy of itself, or with ``source`` (the same face, same pixels).

        Returns:
            The blend and its mask, the ratio included.
        """
        inner, outer = (source or target).image, target.image
        if source is None:
            inside = rng.random() < 0.5
            altered = alter(outer, rng, self.dial)
            inner, outer = (altered, outer) if inside else (inner, altered)
        elif rng.random() < 0.5:  # a decoder's traces are enough; often nothing else is off
            inner = alter(inner, rng, self.dial)
        hard = masks.hull(self.kind or masks.draw_kind(rng), target.landmarks, outer.shape[0], rng)
        bent, by = masks.deform(hard, rng), drawn_move(outer.shape[0], rng, self.dial)
        mask = masks.soften(np.asarray(cv2.warpAffine(bent, by, bent.shape), np.float32), rng, self.dial)
        mask = mask * np.float32(self.dial.choice(rng, RATIOS))
        return Forgery(blend(outer, transformed_within(inner, by, masks.box(mask)), mask), mask, outer)


def blend(outer: Pixels, inner: Pixels, mask: Mask) -> Pixels:
    """``inner`` where the mask is 1, ``outer`` where it is 0, linear between; RGB uint8."""
    made, part = outer.copy(), masks.box(mask)  # the rest is the outer picture as it is
    if not made[part].size:
        return made
    mixed, change = outer[part].astype(np.float32), inner[part].astype(np.float32)
    change -= mixed
    change *= cv2.merge([mask[part]] * 3)
    mixed += change
    mixed += 0.5
    made[part] = mixed.astype(np.uint8)
    return made


def alter(image: Pixels, rng: np.random.Generator, dial: Dial = OPEN) -> Pixels:
    """Change light, colour and sharpness of a copy, as a swap's inside differs from its surroundings.

    The strength is drawn too: a good swap matches colours, so many blends must differ by little.
    """
    much = dial.uniform(rng, 0.1, 1.0, hard="low")
    if rng.random() < 0.8:
        image = _shifted(image, rng.uniform(-20, 20, 3) * much)
    if rng.random() < 0.5:
        image = degrade.hue(image, rng.uniform(-6, 6) * much, 1 + rng.uniform(-0.2, 0.2) * much)
    if rng.random() < 0.6:
        image = degrade.tone(image, rng.uniform(-18, 18) * much, 1 + rng.uniform(-0.12, 0.12) * much, 1.0)
    return resharpen(image, rng, dial) if rng.random() < 0.9 else image


def _shifted(image: Pixels, levels: NDArray[np.float64]) -> Pixels:
    """Each channel moved by its grey levels, saturating."""
    return np.asarray(cv2.add(image, np.append(levels, 0.0)), np.uint8)


def resharpen(image: Pixels, rng: np.random.Generator, dial: Dial = OPEN) -> Pixels:
    """Make a copy softer, sharper, cleaner or grainier than it was."""
    match int(rng.integers(6)):
        case 0 | 1:
            factor = dial.fixed(rng.uniform(1.3, 4.0), easy=2.8, hard=1.3)
            return degrade.resize(image, 1 / factor, float(rng.integers(3)))
        case 2:
            return degrade.sharpen(image, dial.uniform(rng, 0.3, 1.0, hard="low"))
        case 3:
            return degrade.blur(image, dial.uniform(rng, 0.4, 1.5, hard="low"))
        case 4:
            return np.asarray(cv2.medianBlur(image, 3), np.uint8)
        case _:
            return degrade.noise(image, dial.uniform(rng, 1, 6, hard="low"), float(rng.integers(2**31)))


def drawn_move(side: int, rng: np.random.Generator, dial: Dial = OPEN) -> Affine:
    """A shift and a scale about the middle, by at most 3 % and 5 %, for the inside and its mask together."""
    scale = dial.damped(rng.uniform(0.95, 1 / 0.95), about=1.0)
    dx, dy = (dial.damped(rng.uniform(-reach, reach)) * side for reach in (0.03, 0.015))
    return np.array([[scale, 0, dx + (1 - scale) * side / 2], [0, scale, dy + (1 - scale) * side / 2]])
