"""Light of the face changed: lit from a side, from above or below, while its surroundings keep their light.

A face that was put in or relit seldom has the shading of its scene (Johnson & Farid, "Exposing Digital Forgeries in
Complex Lighting Environments", 2007). The gradient is smooth and its mask wide and soft, so texture and colour tell
nothing; only the light does.
"""

from __future__ import annotations

import numpy as np

from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.post.surface import relight
from catchlight.generator.types import Forgery, Portrait

KINDS = ("whole", "extended")


class FaceLight:
    """The method as the registry makes it.

    Args:
        hardness: 0 (easy to see: strong light, hard rim) to 1, or None to draw the strength.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> FaceLight(hardness=0.5)(sample_portrait(64), None, np.random.default_rng(1)).image.shape
        (64, 64, 3)
    """

    family = "face_light"

    def __init__(self, hardness: float | None = None) -> None:
        self.dial = Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Light the face of ``target`` from another side; a source is not used."""
        low, high = target.landmarks.min(axis=0), target.landmarks.max(axis=0)
        x, y = (low + high) / 2
        stops, angle = self.dial.uniform(rng, 0.25, 1.2, hard="low"), float(rng.uniform(0, 2 * np.pi))
        inner = relight(target.image, (float(x), float(y)), float(max(high - low)) / 2, angle, stops)
        hard = masks.hull(str(rng.choice(KINDS)), target.landmarks, target.image.shape[0], rng)
        mask = masks.soften(masks.deform(hard, rng), rng, self.dial)
        return Forgery(blend(target.image, inner, mask), mask)
