"""Thumbnails are small, few and evenly spread."""

from __future__ import annotations

import numpy as np

from catchlight.detector.thumbnails import MOST, Thumbnails
from catchlight.detector.types import Frame


def collect(count, size=(90, 160), wanted=True):
    thumbnails = Thumbnails(wanted)
    for index in range(count):
        thumbnails.add(Frame(np.full((*size, 3), index % 256, np.uint8), index, index / 10))
    return thumbnails.kept()


def test_none_are_kept_unless_wanted():
    assert collect(5, wanted=False) == ()


def test_wide_frames_shrink_and_small_ones_stay():
    (wide,) = collect(1, (720, 1280))
    assert (wide.image.shape, wide.scale) == ((360, 640, 3), 0.5)
    (small,) = collect(1, (90, 160))
    assert (small.image.shape, small.scale) == ((90, 160, 3), 1.0)
    (thin,) = collect(1, (1, 6400))
    assert thin.image.shape == (1, 640, 3)


def test_of_many_an_even_choice_is_kept():
    kept = [thumbnail.index for thumbnail in collect(1000)]
    assert MOST / 2 <= len(kept) <= MOST
    assert len(set(np.diff(kept))) == 1
    assert kept[0] == 0
    assert kept[-1] >= 1000 - np.diff(kept)[0]
    assert [t.index for t in collect(MOST)] == list(range(MOST))
