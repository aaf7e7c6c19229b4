"""Frames in, measured faces out, one frame at a time."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

from catchlight.detector.faces import FaceFinder
from catchlight.detector.sight import look
from catchlight.detector.timing import Stopwatch
from catchlight.detector.types import Frame


@pytest.fixture(scope="module")
def finder():
    with FaceFinder() as finder:
        yield finder


def test_faces_are_cut_and_measured_where_they_are(finder, astronaut):
    watch, done = Stopwatch(), []
    sources = [Frame(astronaut, 0, 0.0), Frame(astronaut[300:], 7, 0.5), Frame(astronaut, 9, 1.0)]
    seen = look(iter(sources), finder, 96, watch, thumbnails=True, progress=done.append)
    assert [len(crops) for crops in seen.faces] == [1, 0, 1]
    crop = seen.faces[2][0]
    assert (crop.image.shape, crop.index, crop.time, crop.scene) == ((96, 96, 3), 9, 1.0, 2)
    assert crop.quality.problem is None
    assert done == [1, 2, 3]
    assert [thumbnail.index for thumbnail in seen.thumbnails] == [0, 7, 9]
    assert list(watch.milliseconds()) == ["decode", "faces"]


def test_no_more_than_one_frame_is_held(finder):
    alive = []

    class Pixels(np.ndarray):
        pass

    def frames():
        for index in range(4):
            image = np.zeros((64, 64, 3), np.uint8).view(Pixels)
            alive.append(weakref.ref(image))
            yield Frame(image, index, index / 2)
            del image
            gc.collect()
            assert sum(ref() is not None for ref in alive) <= 1

    assert look(frames(), finder, 96, Stopwatch(), thumbnails=True).faces == ((),) * 4
