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


@pytest.mark.slow
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


class Counting(FaceFinder):
    """Counts the full searches."""

    searches = 0

    def _boxes(self, image, thorough):
        self.searches += 1
        return super()._boxes(image, thorough)


def pictures(images):
    return [Frame(np.ascontiguousarray(image), index, index / 3) for index, image in enumerate(images)]


@pytest.fixture
def counting():
    with Counting() as finder:
        finder.searches = 0
        yield finder


def test_known_faces_are_found_again_without_a_search(counting, finder, astronaut):
    drifting = [np.roll(astronaut, 4 * step, axis=1) for step in range(7)]
    seen = look(iter(pictures(drifting)), counting, 96, Stopwatch())
    assert [len(crops) for crops in seen.faces] == [1] * 7
    assert counting.searches == 3  # frames 0, 3 and 6
    for image, (crop,) in zip(drifting, seen.faces, strict=True):
        (alone,) = finder.find(image)
        assert np.abs(crop.face.landmarks - alone.landmarks).max() < 6


def test_a_face_that_leaves_its_place_is_searched_for(counting, astronaut):
    wide = np.hstack([astronaut, np.full_like(astronaut, astronaut.mean(axis=(0, 1)))])
    elsewhere = np.ascontiguousarray(wide[:, ::-1])
    seen = look(iter(pictures([wide, elsewhere, wide])), counting, 96, Stopwatch())
    assert [len(crops) for crops in seen.faces] == [1] * 3
    assert counting.searches == 3
    left = [crops[0].face.box.x for crops in seen.faces]
    assert left[1] - left[0] > 400


def test_a_face_that_is_gone_is_not_made_up(counting, astronaut):
    empty = np.full_like(astronaut, 90)
    seen = look(iter(pictures([astronaut, empty, empty, astronaut])), counting, 96, Stopwatch())
    assert [len(crops) for crops in seen.faces] == [1, 0, 0, 1]


def test_a_newcomer_is_seen_within_three_frames(counting, astronaut):
    alone = np.hstack([astronaut, np.full_like(astronaut, 90)])
    both = np.hstack([astronaut, astronaut[:, ::-1]])
    seen = look(iter(pictures([alone, both, both, both, both])), counting, 96, Stopwatch())
    counts = [len(crops) for crops in seen.faces]
    assert counts[0] == 1
    assert counts[3:] == [2, 2]
