"""Reenactment by a network: one picture of a person, moved into the pose and expression of another.

`networks.motion` does it, as in a film of `catchlight generate reenact`: dense motion from key points, what can't be
seen in the source painted. Given two frames of one clip, person, light and codec are the same on both sides, so only
the network's traces tell.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import ConfigError
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.motion import frame
from catchlight.generator.motion.animator import SHIPPED, Animator
from catchlight.generator.swap.frame import cut_by, well_named
from catchlight.generator.types import Forgery, Mask, Portrait
from catchlight.generator.warp import moved as placed

TREMBLE = 0.004  # of the side: how far each landmark of the driving frame is off, as predicted ones are
RIM = 0.06  # of the square: where it joins what is around it


class Motion:
    """The method as the registry makes it.

    Args:
        network: A compiled network of `catchlight train-generator motion`; the one that comes with the package
            without it.
        hardness: 0 (easy to see: trembling landmarks) to 1, or None to draw every strength.

    Raises:
        BundleError: The network is missing or damaged.
    """

    family = "motion"
    needs_source = True

    def __init__(self, network: str | None = None, hardness: float | None = None) -> None:
        # One thread: a recipe has a process for every core, and sums must not depend on their number.
        self.animator = Animator(Path(network) if network else SHIPPED, threads=1)
        self.dial = Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Show ``source`` in the pose of ``target``, in its picture.

        Raises:
            ConfigError: If there is no source.
        """
        if source is None:
            raise ConfigError("motion needs a source: another picture of the person, which is moved")
        landmarks, others = (well_named(face.landmarks) for face in (target, source))
        height, width = target.image.shape[:2]
        side = max(height, width)
        tremble = self.dial.fixed(TREMBLE, easy=4 * TREMBLE, hard=0.0) * side
        by, square = frame.matrix([landmarks], side), frame.matrix([others], side)
        driving = landmarks
        if tremble > 0:
            driving = landmarks + rng.normal(0, tremble, landmarks.shape).astype(np.float32)
        made = self.animator.move(cut_by(source.image, others, square, side), placed(driving, by))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        back = cv2.warpAffine(made, by, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        mask = _joined(by, side, (width, height))
        return Forgery(blend(target.image, np.asarray(back, np.uint8), mask), mask)


def _joined(by: NDArray[np.float64], side: int, size: tuple[int, int]) -> Mask:
    """Where the square lies in the target's picture, soft at its rim where that is inside."""
    rim = max(1, round(RIM * side))
    inside = np.zeros((side, side), np.float32)
    inside[rim:-rim, rim:-rim] = 1
    soft = cv2.GaussianBlur(inside, (0, 0), rim / 2.5)
    soft[[0, -1]] = soft[:, [0, -1]] = 0
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.clip(np.asarray(cv2.warpAffine(soft, by, size, flags=flags), np.float32), 0, 1)
