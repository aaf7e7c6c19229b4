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


class Method(Protocol):
    """The contract of a forgery method; `check_method` proves it."""

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
