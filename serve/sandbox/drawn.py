"""A drawn face, on which a child is warmed up: nobody's picture, and the finder takes it for one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from catchlight.detector.types import Pixels

SKIN, SHADE, HAIR, LIPS = (224, 180, 150), (185, 135, 110), (60, 40, 30), (190, 80, 80)
SIDE = 320  # px; the face is half as wide


def face() -> Pixels:
    """A face from the front, RGB uint8 of shape (320, 320, 3)."""
    image = np.full((SIDE, SIDE, 3), (150, 170, 190), np.uint8)
    _disc(image, (160, 160), (88, 118), SKIN)
    _disc(image, (160, 78), (92, 55), HAIR, 180)
    for x in (125, 195):
        _disc(image, (x, 140), (19, 10), (250, 250, 250))
        _disc(image, (x, 140), (9, 9), HAIR)
        _disc(image, (x, 118), (24, 7), HAIR, 180)
    _disc(image, (160, 184), (12, 5), SHADE)
    _disc(image, (160, 220), (32, 11), LIPS)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.8), np.uint8)


@contextmanager
def file() -> Iterator[Path]:
    """It as a JPEG that lies in memory alone (Linux): the disk is closed to who asks for this."""
    _, data = cv2.imencode(".jpg", face()[..., ::-1])
    number = os.memfd_create("face")
    try:
        os.write(number, data.tobytes())
        yield Path(f"/proc/self/fd/{number}")
    finally:
        os.close(number)


def _disc(
    image: Pixels,
    middle: tuple[int, int],
    size: tuple[int, int],
    colour: tuple[int, int, int],
    begin: int = 0,
) -> None:
    """An ellipse; from 180 degrees on it is the upper half of one."""
    cv2.ellipse(image, middle, size, 0, begin, 360, colour, -1, cv2.LINE_AA)
