"""Warp artefact: the face is cut out level, made small and soft, and warped back to where it was.

Every swap whose network works at one small size leaves this: a face with less detail than its surroundings, resampled
along its own axes. No network and no donor are needed to show it. Source: Li & Lyu, "Exposing DeepFake Videos by
Detecting Face Warping Artifacts", CVPR Workshops 2019, from its description.
"""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.datasets import degrade
from catchlight.detector import align
from catchlight.detector.types import Pixels
from catchlight.generator import masks
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.face_swap import KIND_WEIGHTS, KINDS
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.types import Forgery, Portrait

SMALLEST, LARGEST = 0.4, 0.8  # side of the small face, as a share of the target's side
LEAST = 24  # px of it; a smaller one is a smear


class WarpArtifact:
    """The method as the registry makes it.

    Args:
        kind: A mask kind of `masks.KINDS`, or None to draw one of those that swaps use.
        hardness: 0 (easy to see: very soft, hard seams) to 1, or None to draw every strength.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> WarpArtifact()(sample_portrait(64), None, np.random.default_rng(1)).image.shape
        (64, 64, 3)
    """

    family = "warp_artifact"

    def __init__(self, kind: str | None = None, hardness: float | None = None) -> None:
        self.kind, self.dial = kind, Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Soften the face of ``target`` as a warp does; a source is not used."""
        side = target.image.shape[0]
        inner = self._warped(target, rng)
        kind = self.kind or str(rng.choice(KINDS, p=KIND_WEIGHTS))
        hard = masks.hull(kind, target.landmarks, side, rng)
        mask = masks.soften(masks.deform(hard, rng), rng, self.dial)
        return Forgery(blend(target.image, inner, mask), mask)

    def _warped(self, target: Portrait, rng: np.random.Generator) -> Pixels:
        side = target.image.shape[0]
        small = max(LEAST, round(side * self.dial.uniform(rng, SMALLEST, LARGEST, hard="high")))
        level, _ = align.cut(target.image, target.landmarks, small)
        # In pixels of the small face, as a network's output is soft by its own pixels.
        soft = degrade.blur(level, self.dial.uniform(rng, 0.3, 0.8, hard="low"))
        back = align.matrix(target.landmarks, small)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(soft, back, (side, side), flags=flags, borderMode=cv2.BORDER_REFLECT_101)
        return np.asarray(moved, np.uint8)
