"""Masks lie where the landmarks say, colours are those of CIE Lab."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.cues import regions


def test_a_polygon_has_its_area_and_may_leave_the_picture():
    square = np.array([[10, 10], [30, 10], [30, 30], [10, 30]], np.float32)
    assert regions.polygon(square, (50, 50)).sum() == pytest.approx(400, rel=0.12)
    assert regions.polygon(square - 20, (50, 50)).sum() == pytest.approx(100, rel=0.25)
    assert regions.polygon(square + 1e7, (50, 50)).sum() == 0


def test_cheeks_are_skin_and_mirror_each_other(portrait):
    right, left = (
        regions.polygon(portrait.landmarks[list(ring)], (640, 640))
        for ring in (regions.RIGHT_CHEEK, regions.LEFT_CHEEK)
    )
    assert right.sum() > 500
    assert 0.5 < right.sum() / left.sum() < 2
    assert not (right & left).any()


def test_lab_of_known_colours():
    colours = regions.lab(np.array([[[255, 255, 255], [255, 0, 0], [128, 128, 128]]], np.uint8))
    assert colours[0, 0] == pytest.approx((100, 0, 0), abs=0.5)
    assert colours[0, 1] == pytest.approx((53.2, 80.1, 67.2), abs=0.5)
    assert regions.colourless(np.full((4, 4, 3), 90, np.uint8))
    assert not regions.colourless(np.array([[[200, 90, 60]]], np.uint8))


def test_erosion_takes_the_rim_away():
    mask = np.ones((10, 10), np.bool_)
    assert regions.eroded(mask).sum() == 64
    assert regions.eroded(mask, 2).sum() == 36
