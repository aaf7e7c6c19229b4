import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.generator.swap import frame
from catchlight.generator.swap.expression import (
    expression_kept,
    landmarks_of,
    mouth_kept,
    movement_kept,
    opening,
)
from catchlight.generator.types import Portrait


@pytest.fixture
def target(astronaut, astronaut_face):
    return frame.cut(astronaut, astronaut_face.landmarks, 256)


def parted(face, by):
    """The same face, its lower lip ``by`` px further down."""
    landmarks = face.landmarks.copy()
    landmarks[14, 1] += by
    return Portrait(face.image, landmarks)


def lowered(face, by):
    """The same face, all of its lips ``by`` px further down."""
    landmarks = face.landmarks.copy()
    landmarks[list(lm.LIPS), 1] += by
    return Portrait(face.image, landmarks)


def test_a_target_keeps_its_own_expression(target):
    other = target.landmarks.copy()
    other[:, 1] += 12 * np.sin(other[:, 0] / 20)
    source = Portrait(target.image, other.astype(np.float32))
    found = landmarks_of([target.image, np.zeros_like(target.image)])
    assert expression_kept(found[:1], [source], [target]) > 0.6
    assert expression_kept(found[1:], [source], [target]) == 0


def test_landmarks_are_found_or_missing(target):
    found, nothing = landmarks_of([target.image, np.zeros_like(target.image)])
    assert found.shape == (lm.COUNT, 2)
    assert nothing is None


def test_an_opening_is_in_units_of_the_face(target):
    small = frame.cut(target.image, target.landmarks, 64)
    assert opening(small.landmarks) == pytest.approx(opening(target.landmarks), rel=0.02)
    assert opening(parted(target, 20).landmarks) > opening(target.landmarks) + 0.05


@pytest.mark.parametrize(("share", "kept"), [(1.0, 1.0), (0.25, 0.25), (0.0, 0.0), (2.0, 0.0), (9.0, -1.0)])
def test_mouths_are_measured_by_how_far_they_follow(share, kept, target):
    steps = (0, 8, 16, 24)
    made = [parted(target, share * step).landmarks for step in steps]
    assert mouth_kept(made, [parted(target, step) for step in steps]) == pytest.approx(kept, abs=0.08)


def test_a_mouth_that_hardly_moves_says_nothing(target):
    assert mouth_kept([target.landmarks] * 4, [target] * 4) is None
    assert mouth_kept([None] * 4, [parted(target, step) for step in (0, 8, 16, 24)]) is None


def test_movements_are_those_of_the_target_whatever_the_shape_of_the_face(target):
    wide = target.landmarks + np.where(np.arange(lm.COUNT)[:, None] % 2, 3, -3).astype(np.float32)
    targets = [lowered(target, step) for step in (0, 12, 24)]
    moving = [lowered(Portrait(target.image, wide), step).landmarks for step in (0, 12, 24)]
    assert movement_kept(moving, targets) > 0.9
    assert movement_kept([wide] * 3, targets) == pytest.approx(0, abs=0.02)
    against = [lowered(Portrait(target.image, wide), step).landmarks for step in (0, -12, -24)]
    assert movement_kept(against, targets) < -0.5


def test_whoever_does_not_move_keeps_no_movement(target):
    assert movement_kept([target.landmarks] * 4, [target] * 4) is None
    assert (
        movement_kept([None, None, target.landmarks], [lowered(target, step) for step in (0, 12, 24)]) is None
    )
