"""Skin changed: smoothed as beauty filters do, shaved of its beard's shadow, or given one.

What a generator does to skin, and what an edit of it leaves: texture that ends where the edit ends. Smoothing keeps
edges (`post.surface.smooth`); stubble is dark, bluish grain, drawn at the scale of hairs.
"""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Pixels, Points
from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.options import Choice
from catchlight.generator.post import colour, edges
from catchlight.generator.post.surface import smooth
from catchlight.generator.types import Forgery, Mask, Portrait

ACTIONS = {"smoothed": "whole", "shaved": "lower", "stubble": "lower"}  # with the mask kind that they change
FEATURES = (lm.LEFT_EYE, lm.RIGHT_EYE, lm.LEFT_BROW, lm.RIGHT_BROW, lm.LIPS)
HAIR = 0.004  # thickness of a hair as a share of the side
TINT = np.array([1.0, 0.93, 0.87], np.float32)  # how much of each channel a beard's shadow takes: blue least


class Skin:
    """The method as the registry makes it.

    Args:
        action: A name in `ACTIONS`, or None to draw one.
        hardness: 0 (easy to see: strong) to 1, or None to draw the strength.

    Raises:
        UnknownName: No such action.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> Skin("stubble")(sample_portrait(64), None, np.random.default_rng(1)).image.shape
        (64, 64, 3)
    """

    family = "skin"

    def __init__(self, action: str | None = None, hardness: float | None = None) -> None:
        self.action, self.dial = Choice("action", action, ACTIONS), Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Change the skin of ``target``; a source is not used."""
        action = self.action.draw(rng)
        amount = self.dial.uniform(rng, 0.3, 1.0, hard="low")
        mask = _skin(ACTIONS[action], target, rng, self.dial)
        if action == "stubble":
            inner = _stubble(target.image, amount, rng)
        else:
            inner = smooth(target.image, amount, float(rng.uniform(0.012, 0.025)))
        if action == "shaved":
            inner = colour.towards(inner, _as_above(inner, mask, target.landmarks), amount)
        return Forgery(blend(target.image, inner, mask), mask)


def _skin(kind: str, target: Portrait, rng: np.random.Generator, dial: Dial) -> Mask:
    """A part of the face without eyes, brows and lips; soft at its rim."""
    side = target.image.shape[0]
    skin = edges.grow(masks.hull(kind, target.landmarks, side, rng), -0.01 * side)
    for names in FEATURES:
        corners = np.round(cv2.convexHull(target.landmarks[list(names)])).astype(np.int32)
        cv2.fillConvexPoly(skin, corners, (0.0,))
    return masks.soften(skin, rng, dial)


def _as_above(image: Pixels, mask: Mask, points: Points) -> Pixels:
    """The mean colour of the skin beside the nose, where no beard grows, for that under the mask."""
    cheeks = np.zeros(mask.shape, np.float32)
    for eye, corner in zip((lm.RIGHT_EYE, lm.LEFT_EYE), lm.MOUTH_CORNERS, strict=True):
        x, y = 0.6 * points[list(eye)].mean(axis=0) + 0.4 * points[corner]
        cv2.circle(cheeks, (round(float(x)), round(float(y))), max(2, mask.shape[0] // 32), (1.0,), -1)
    wanted = cv2.mean(image, (cheeks > 0).astype(np.uint8))[:3]
    plain = np.broadcast_to(np.round(wanted).astype(np.uint8), image.shape)
    return colour.mean(image, plain, mask)


def _stubble(image: Pixels, amount: float, rng: np.random.Generator) -> Pixels:
    side = image.shape[0]
    fine = rng.standard_normal(image.shape[:2], np.float32)
    hairs = cv2.GaussianBlur(fine, (0, 0), max(0.5, HAIR * side))
    dark = np.maximum(hairs / max(float(hairs.std()), 1e-6), -0.5) + 0.5
    shade = 1 - amount * (0.16 + 0.08 * dark)[..., None] * TINT
    return np.clip(image * np.clip(shade, 0.3, 1) + 0.5, 0, 255).astype(np.uint8)
