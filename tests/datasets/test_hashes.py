"""Fingerprints tell what they should apart, and what they should not they don't."""

import hashlib

import cv2
import numpy as np

from catchlight.datasets import hashes


def test_pixels_are_hashed_with_their_shape():
    image = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    assert hashes.of_pixels(image) == hashlib.sha256(b"2x3x3" + bytes(range(18))).hexdigest()
    assert hashes.of_pixels(image.reshape(3, 2, 3)) != hashes.of_pixels(image)
    view = np.asfortranarray(image)
    assert hashes.of_pixels(view) == hashes.of_pixels(image)


def test_bytes_are_hashed_as_every_tool_does():
    assert hashes.of_bytes(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_difference_hash_knows_a_copy_from_another_picture(astronaut):
    copy = cv2.resize(astronaut, (300, 300), interpolation=cv2.INTER_AREA)
    same, other = (
        (int(hashes.difference_hash(astronaut), 16) ^ int(hashes.difference_hash(image), 16)).bit_count()
        for image in (copy, astronaut[:, ::-1])
    )
    assert same <= 3 < 12 < other
    assert len(hashes.difference_hash(astronaut)) == 16
