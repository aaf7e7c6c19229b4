"""Real pictures that were handled, not forged: softened, sharpened, smoothed, shrunk, filtered, sent by an app.

One history for both members of a pair teaches a network nothing about histories; it is left to chance whether a real
photograph that a camera softened looks more forged than one that is sharp. Here the two members differ by handling
alone and both are real, so that handling must not raise a score. Whoever brightens a photograph, or owns a poor
camera, is not a forger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from catchlight.datasets import degrade
from catchlight.datasets.batches import Pair, cut_sample, draw_jitter
from catchlight.detector.types import Pixels
from catchlight.generator.pairs import Sources

Handling = Callable[[Pixels, np.random.Generator], Pixels]


@dataclass(frozen=True, slots=True)
class HarmlessPairs:
    """A real crop, and the same crop handled; neither is forged.

    Attributes:
        reals: The real pictures.
    """

    reals: Sources

    def pair(self, side: int, rng: np.random.Generator) -> Pair:
        """Make one pair of crops of ``side`` pixels."""
        real, _ = cut_sample(self.reals.store, self.reals.draw(rng), side, draw_jitter(rng))
        return Pair(real, handled(real, rng), np.zeros((side, side), np.float32), forged=False)


def handled(image: Pixels, rng: np.random.Generator) -> Pixels:
    """A picture after one handling that is drawn and, half of the time, a drawn history on its way.

    Args:
        image: RGB uint8, shape (height, width, 3).
        rng: Source of all randomness.

    Example:
        >>> grey = np.full((64, 64, 3), 128, np.uint8)
        >>> handled(grey, np.random.default_rng(1)).shape
        (64, 64, 3)
    """
    changed = HANDLINGS[int(rng.integers(len(HANDLINGS)))](image, rng)
    return degrade.apply(changed, degrade.draw(rng, apps=True)) if rng.random() < 0.5 else changed


def grainy(image: Pixels, rng: np.random.Generator) -> Pixels:
    """As of a telephone at night: noise of each channel by itself."""
    return degrade.grain(image, float(rng.uniform(3, 12)), float(rng.integers(2**31)))


def _smoothed(image: Pixels, rng: np.random.Generator) -> Pixels:
    """As cameras take away noise, and filters wrinkles."""
    colour = float(rng.uniform(10, 40))
    return np.asarray(cv2.bilateralFilter(image, 5, colour, float(rng.uniform(1, 4))), np.uint8)


def _graded(image: Pixels, rng: np.random.Generator) -> Pixels:
    shift, gain, gamma = rng.uniform(-15, 15), rng.uniform(0.8, 1.2), rng.uniform(0.75, 1.3)
    lit = degrade.tone(image, float(shift), float(gain), float(gamma))
    return degrade.hue(lit, float(rng.uniform(-8, 8)), float(rng.uniform(0.6, 1.4)))


HANDLINGS: tuple[Handling, ...] = (
    lambda image, rng: degrade.blur(image, float(rng.uniform(0.4, 2.0))),
    lambda image, rng: degrade.sharpen(image, float(rng.uniform(0.3, 1.5)), float(rng.uniform(0.7, 1.5))),
    lambda image, rng: degrade.resize(image, float(rng.uniform(0.3, 0.9))),
    lambda image, rng: degrade.noise(image, float(rng.uniform(1, 8)), float(rng.integers(1 << 30))),
    lambda image, rng: degrade.jpeg(image, float(rng.integers(25, 90))),
    _smoothed,
    _graded,
)
