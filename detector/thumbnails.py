"""Small copies of sampled frames, for pages that show where the faces were."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from catchlight.detector.types import Frame, Pixels

WIDTH = 640
MOST = 64  # 44 MB at 16:9; of more frames an even choice is kept


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small copy of a sampled frame.

    Attributes:
        image: RGB uint8, at most 640 px wide.
        time: Seconds.
        index: Index of the frame.
        scale: Pixels of the thumbnail per pixel of the frame, at most 1.
    """

    image: Pixels
    time: float
    index: int
    scale: float


class Thumbnails:
    """Collects thumbnails of a stream of frames of unknown length.

    Args:
        wanted: False keeps nothing.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._kept: list[Thumbnail] = []
        self._seen, self._step = 0, 1

    def add(self, frame: Frame) -> None:
        """Look at the next frame, and keep it if it is one of an even choice."""
        if self._wanted and self._seen % self._step == 0:
            self._kept.append(_thumbnail(frame))
            if len(self._kept) > MOST:
                self._kept, self._step = self._kept[::2], 2 * self._step
        self._seen += 1

    def kept(self) -> tuple[Thumbnail, ...]:
        """What was kept, in time order: at most 64, evenly spaced from the first frame on."""
        return tuple(self._kept)


def _thumbnail(frame: Frame) -> Thumbnail:
    height, width = frame.image.shape[:2]
    scale = min(1.0, WIDTH / width)
    size = (min(width, WIDTH), max(1, round(height * scale)))
    small = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA)
    return Thumbnail(np.asarray(small, np.uint8), frame.time, frame.index, scale)
