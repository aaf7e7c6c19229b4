"""One person is followed, not their neighbour, and after a cut only from where they are known to be."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.follow import PEOPLE, Followers
from catchlight.detector.sight import look
from catchlight.detector.timing import Stopwatch
from catchlight.detector.types import Frame


@pytest.fixture(scope="module")
def pair(portrait):
    """Two copies of the portrait side by side."""
    small = cv2.resize(portrait.image, (320, 320), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(np.hstack([small, small[:, ::-1]]))


@pytest.fixture(scope="module")
def crops(finder, pair):
    """Both people of the pair as a sampled frame sees them, from left to right."""
    (seen,) = look([Frame(pair)], finder, 224, Stopwatch()).faces
    return tuple(sorted(seen, key=lambda crop: crop.face.box.x))


def middles(seen):
    return {id(crop): float(lm.bounds(glance.landmarks[:468]).x) for crop, glance in seen}


def test_each_person_is_followed_by_themselves(mesh, crops, pair):
    followers = Followers(mesh)
    followers.anchor(0.0, crops)
    for number in range(6):
        moved = np.roll(pair, 3 * number, axis=0)
        seen = followers.see(Frame(moved, number, number / 12), 0)
        places = middles(seen)
        assert places[id(crops[0])] < 200 < 320 < places[id(crops[1])]
        down = seen[0][1].landmarks[1, 1] - crops[0].face.landmarks[1, 1]
        assert down == pytest.approx(3 * number, abs=2)


def test_after_a_cut_a_person_is_met_again_at_the_next_anchor(mesh, crops, pair):
    followers, seen = Followers(mesh), []
    for number in range(13):
        if number in (0, 10):
            followers.anchor(number / 10, crops[:1])
        seen.append(bool(followers.see(Frame(pair, number, number / 10), int(number >= 5))))
    assert seen == [number < 5 or number >= 10 for number in range(13)]


def test_an_anchor_that_passed_long_ago_is_no_place_to_look(mesh, crops, pair):
    followers = Followers(mesh)
    followers.anchor(0.0, crops)
    assert followers.see(Frame(pair, 0, 2.0), 0) == []


def test_who_takes_the_place_of_another_is_taken_for_themselves(mesh, crops, pair):
    """The follower stays where the face is; whose face it is, the sampled frames say."""
    followers = Followers(mesh)
    followers.anchor(0.0, crops[:1])
    ((before, _),) = followers.see(Frame(pair, 0, 0.0), 0)
    followers.anchor(0.1, (crops[0], crops[1]))
    after = [crop for crop, _ in followers.see(Frame(pair, 1, 0.1), 0)]
    assert before is crops[0]
    assert after[0] is crops[0]
    assert after[1] is crops[1]


def test_no_two_follow_one_face(mesh, crops, pair):
    followers = Followers(mesh)
    followers.anchor(0.0, (crops[0], crops[0], crops[0], crops[0]))
    assert len(followers.see(Frame(pair, 0, 0.0), 0)) == 1
    assert PEOPLE == 3


def test_a_picture_without_a_face_gives_nothing(mesh, crops, pair):
    followers = Followers(mesh)
    followers.anchor(0.0, crops)
    assert followers.see(Frame(np.full_like(pair, 90), 0, 0.0), 0) == []
