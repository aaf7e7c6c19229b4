"""Fingerprints: of a file's bytes, of a decoded picture, and one by which copies of a picture look alike."""

from __future__ import annotations

import hashlib

import cv2

from catchlight.detector.types import Pixels


def of_bytes(data: bytes) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def of_pixels(image: Pixels) -> str:
    """SHA-256 of a decoded picture, hexadecimal: of ``HEIGHTxWIDTHx3`` in ASCII and then its RGB bytes.

    Unlike the hash of the file it survives another container, and it tells two shapes with the same bytes apart.

    Example:
        >>> import numpy as np
        >>> of_pixels(np.zeros((2, 3, 3), np.uint8)) == of_pixels(np.zeros((3, 2, 3), np.uint8))
        False
    """
    shape = "x".join(map(str, image.shape))
    return hashlib.sha256(shape.encode() + image.tobytes()).hexdigest()


def difference_hash(image: Pixels) -> str:
    """64-bit difference hash of an RGB picture, hexadecimal; near-duplicates differ by few bits."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(luma, (9, 8), interpolation=cv2.INTER_AREA)
    bits = (small[:, 1:] > small[:, :-1]).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"
