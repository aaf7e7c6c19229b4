"""Reenactment by warping: one moment of a clip, bent into the pose and expression of another.

What a first-order motion model does between its key points and its inpainting (Siarohin et al., "First Order Motion
Model for Image Animation", NeurIPS 2019), without learning: the face follows, the texture is pulled along, teeth,
eyelids and background are those of another moment. Given two frames of one clip, person, light and codec are the same
on both sides, so only the motion's traces tell.
"""

from __future__ import annotations

import numpy as np

from catchlight.detector.errors import ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import resharpen
from catchlight.generator.types import Forgery, Portrait
from catchlight.generator.warp import transformed, warp

TREMBLE = 0.004  # of the side: how far each landmark of the driving frame is off, as predicted ones are
RESAMPLED = 0.7  # share of pairs whose real member is resampled too, or softness alone would tell
ALTERED = 0.35  # share whose sharpness or grain changes, as after a decoder; on the real side as often


class Reenact:
    """The method as the registry makes it.

    Args:
        hardness: 0 (easy to see: trembling landmarks, other sharpness) to 1, or None to draw every strength.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> Reenact()(sample_portrait(64, 1), sample_portrait(64, 2), np.random.default_rng(1)).mask.min()
        1.0
    """

    family = "reenactment"
    needs_source = True

    def __init__(self, hardness: float | None = None) -> None:
        self.dial = Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Show ``source`` in the pose of ``target``; the whole picture counts as replaced.

        Raises:
            ConfigError: If there is no source.
        """
        if source is None:
            raise ConfigError("reenactment needs a source: another picture of the person, which is moved")
        side = target.image.shape[0]
        tremble = self.dial.fixed(TREMBLE, easy=4 * TREMBLE, hard=0.0)
        driving = target.landmarks + rng.normal(0, tremble * side, target.landmarks.shape)
        image = warp(source, driving.astype(np.float32))
        real = _shifted(target.image, rng) if rng.random() < RESAMPLED else target.image
        if rng.random() < ALTERED:
            image = resharpen(image, rng, self.dial)
        if rng.random() < ALTERED:
            real = resharpen(real, rng, self.dial)
        return Forgery(image, np.ones((side, side), np.float32), real)


def _shifted(image: Pixels, rng: np.random.Generator) -> Pixels:
    """The picture a fraction of a pixel aside: resampled like its forgery."""
    dx, dy = rng.uniform(-0.5, 0.5, 2)
    return transformed(image, np.array([[1, 0, dx], [0, 1, dy]]))
