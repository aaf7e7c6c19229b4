"""One person is followed, not their neighbour, and after a cut only from where they are known to be."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.follow import Follower, Meshes
from catchlight.detector.sight import look
from catchlight.detector.timing import Stopwatch
from catchlight.detector.types import Frame


@pytest.fixture(scope="module")
def meshes():
    with Meshes() as some:
        yield some


@pytest.fixture(scope="module")
def pair(portrait):
    """Two copies of the portrait side by side."""
    import cv2

    small = cv2.resize(portrait.image, (320, 320), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.hstack([small, small[:, ::-1]]))


def anchors(finder, image, times):
    seen = look([Frame(image, i, time) for i, time in enumerate(times)], finder, 224, Stopwatch())
    return [sorted(crops, key=lambda crop: crop.face.box.x) for crops in seen.faces]


def test_each_follower_keeps_its_own_person(meshes, finder, pair):
    left, right = zip(*anchors(finder, pair, (0.0, 0.5)), strict=True)
    followers = [Follower(mesh, crops) for mesh, crops in zip(meshes.take(2), (left, right), strict=True)]
    for number in range(8):
        moved = np.roll(pair, 2 * number, axis=0)
        points = [follower.see(Frame(moved, number, number / 12), 0) for follower in followers]
        middles = [lm.bounds(one[:468]) for one in points]
        assert middles[0].x + middles[0].width < 330 < middles[1].x + middles[1].width / 2


def test_after_a_cut_the_person_is_met_again_at_the_next_anchor(meshes, finder, pair):
    left, _ = zip(*anchors(finder, pair, (0.0, 1.0)), strict=True)
    (mesh,) = meshes.take(1)
    follower = Follower(mesh, left)
    seen = [
        follower.see(Frame(pair, number, number / 10), int(number >= 5)) is not None for number in range(13)
    ]
    assert seen == [number < 5 or number >= 10 for number in range(13)]


def test_a_picture_without_a_face_gives_nothing(meshes, finder, pair):
    left, _ = zip(*anchors(finder, pair, (0.0,)), strict=True)
    (mesh,) = meshes.take(1)
    assert Follower(mesh, left).see(Frame(np.full_like(pair, 90), 0, 0.0), 0) is None


def test_closing_twice_is_fine():
    some = Meshes()
    some.take(1)
    some.close()
    some.close()
