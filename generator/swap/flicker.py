"""How much a face flickers: what one frame shows that neither the frame before nor the one after leads to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Pixels
from catchlight.generator.types import Mask


@dataclass(slots=True)
class Flicker:
    """Mean size of the second difference in time of a steadily cut face's luma, in grey levels.

    What moves evenly or changes evenly has none; noise, jumps of a mask and of colours have. To be compared with that
    of the original, whose own movement is in both.

    Example:
        >>> flicker, mask = Flicker(), np.ones((8, 8), np.float32)
        >>> for level in (10, 20, 10):
        ...     flicker.add(np.full((8, 8, 3), level, np.uint8), mask)
        >>> flicker.mean
        10.0
    """

    _last: deque[NDArray[np.float32]] = field(default_factory=lambda: deque(maxlen=3))
    _sum: float = 0.0
    _count: int = 0

    def add(self, image: Pixels, mask: Mask) -> None:
        """The next frame's face, RGB uint8, and where it counts, float32 of its height and width."""
        self._last.append(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32))
        if len(self._last) == 3 and mask.any():
            before, here, after = self._last
            off = np.abs(here - (before + after) / 2)
            self._sum += float((off * mask).sum() / mask.sum())
            self._count += 1

    def pause(self) -> None:
        """The next frame does not follow the last one."""
        self._last.clear()

    @property
    def mean(self) -> float:
        """Over all frames with two neighbours; 0 without any."""
        return round(self._sum / self._count, 3) if self._count else 0.0
