"""Irises are set upright, enlarged to one size, and masked by the lids."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector.cues import iris
from catchlight.detector.cues.person import Look


def test_both_irises_fill_the_same_disc(portrait):
    right, left = iris.both(Look(portrait.image, portrait.landmarks))
    for eye in (right, left):
        assert eye.image.shape == (iris.SIZE, iris.SIZE, 3)
        assert 15 < eye.diameter < 30
        assert 0.5 < eye.visible.sum() / (np.pi * (iris.DIAMETER / 2) ** 2) < 1
        dark = eye.image[40:56, 40:56].mean()
        assert dark < eye.image[44:52, [12, -12]].mean()  # the white beside it


def test_diameter_follows_the_size_of_the_picture(portrait):
    whole, half = iris.diameters(portrait.landmarks), iris.diameters(portrait.landmarks / 2)
    assert whole == pytest.approx([2 * size for size in half])


def test_small_irises_are_refused(portrait):
    small = cv2.resize(portrait.image, (240, 240), interpolation=cv2.INTER_AREA)
    assert "12 are needed" in iris.both(Look(small, portrait.landmarks * np.float32(240 / 640)))
