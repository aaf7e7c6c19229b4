"""How many threads OpenCV uses while frames are looked at."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import cv2


@contextlib.contextmanager
def opencv_on_one_thread() -> Iterator[None]:
    """OpenCV works on the calling thread alone; what was set before comes back.

    Our pictures are small: waking its pool costs more than the work that is shared (measured on two cores: 6.1 ms of
    processor a frame to tell scenes apart, against 0.9 ms), and decoder and network have the other cores.

    Example:
        >>> with opencv_on_one_thread():
        ...     cv2.getNumThreads()
        1
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)
