"""What forgery methods take and give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.batches import keyed
from catchlight.detector.types import Pixels, Points

Mask = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Portrait:
    """A face to forge: RGB uint8 of shape (side, side, 3), and its 478 landmarks in the same pixels."""

    image: Pixels
    landmarks: Points


@dataclass(frozen=True, slots=True)
class Forgery:
    """What a method made.

    Attributes:
        image: RGB uint8, the target's shape.
        mask: float32, shape (height, width), 0 where the target was left alone, 1 where it was replaced.
        real: The target as it looks outside the mask, where the method altered that too; the real picture to
            pair the forgery with, or the alteration alone would tell them apart. None: the target itself.
    """

    image: Pixels
    mask: Mask
    real: Pixels | None = None

    @property
    def boundary(self) -> Mask:
        """Where forged and untouched mix: 4 M (1 - M) of the mask M, 1 where both have the same share.

        Source: Li et al., "Face X-ray for More General Face Forgery Detection", CVPR 2020.

        Example:
            >>> Forgery(np.zeros((1, 3, 3), np.uint8), np.array([[0, 0.5, 1]], np.float32)).boundary.tolist()
            [[0.0, 1.0, 0.0]]
        """
        return np.asarray(4 * self.mask * (1 - self.mask), np.float32)

    def partner(self, target: Portrait) -> Pixels:
        """The real picture to pair the forgery of ``target`` with; RGB uint8."""
        return target.image if self.real is None else self.real


class Method(Protocol):
    """The contract of a forgery method; `check_method` proves it.

    Optional attributes: ``needs_source`` (bool), and ``family`` (str), under which what it makes is counted; without
    one, its name stands for it. A factory may take ``hardness``, see `catchlight.generator.hardness`.
    """

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Forge ``target``; all randomness comes from ``rng``. ``source`` is the face to put in, if any."""
        ...


def key(seed: int, sample: str) -> np.random.Generator:
    """The random generator of one sample: the same numbers on every machine and in any order.

    Args:
        seed: Seed of the run.
        sample: Id of the sample.

    Example:
        >>> key(1, "a").integers(10**6) == key(1, "a").integers(10**6)
        True
    """
    return keyed(f"{seed}\0{sample}")
