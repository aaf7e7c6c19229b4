"""Warps: landmarks land where they were sent, and what is far from them stays."""

import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.generator import warp
from catchlight.generator.testing import sample_portrait
from catchlight.generator.types import Portrait

SIDE = 160  # of the fixture `portrait`
MARKS = (*lm.MOUTH_CORNERS, lm.NOSE_TIP, lm.CHIN, lm.FOREHEAD, 33, 263)
CORNERS = np.float32([(10, 10), (149, 10), (10, 149), (149, 149)])


@pytest.fixture(scope="module")
def dotted(portrait):
    """A grey picture with a blue dot on some landmarks of a face, and in its four corners."""
    image = np.full((SIDE, SIDE, 3), 90, np.uint8)
    for x, y in (*portrait.landmarks[list(MARKS)], *CORNERS):
        cv2.circle(image, (round(float(x) * 16), round(float(y) * 16)), 40, (90, 90, 255), -1, cv2.LINE_AA, 4)
    return Portrait(image, portrait.landmarks)


def found(image, near):
    """Centre of the dot near a point, to a fraction of a pixel."""
    y, x = np.mgrid[:SIDE, :SIDE]
    weight = np.clip(image[..., 2].astype(float) - 110, 0, None) * (np.hypot(x - near[0], y - near[1]) < 7)
    assert weight.sum() > 0
    return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()


def raised(points):
    """The face with its mouth lifted by five pixels, and the skin around it by less."""
    apart = points - points[list(lm.LIPS)].mean(axis=0)
    return points - np.outer(np.exp(-np.square(apart).sum(axis=1) / (2 * 18**2)), (0, 5))


@pytest.mark.parametrize(
    "after",
    [raised, lambda p: p + np.float32([7, -4]), lambda p: (p - 96) * np.float32([1.08, 0.95]) + 96],
    ids=["expression", "shift", "stretch"],
)
def test_landmarks_land_where_they_were_sent(after, dotted):
    wanted = after(dotted.landmarks).astype(np.float32)
    made = warp.warp(dotted, wanted)
    for name in MARKS:
        assert np.linalg.norm(found(made, wanted[name]) - wanted[name]) < 1.2


def test_an_expression_bends_nothing_far_from_the_face(dotted):
    """They move by the affine part alone, not by what bends the face."""
    after = raised(dotted.landmarks).astype(np.float32)
    made, wanted = warp.warp(dotted, after), warp.moved(CORNERS, warp.affine(dotted.landmarks, after))
    assert np.linalg.norm(wanted - CORNERS, axis=1).max() < 5
    assert max(np.linalg.norm(found(made, corner) - corner) for corner in wanted) < 0.7


def test_the_same_landmarks_give_the_same_picture(portrait):
    assert np.abs(warp.warp(portrait, portrait.landmarks).astype(int) - portrait.image).max() <= 1


def test_affine_finds_the_map_that_was_made():
    points = sample_portrait(SIDE).landmarks
    linear, shift = np.array([[1.1, 0.2], [-0.1, 0.9]]), np.array([4.0, -7.0])
    fitted = warp.affine(points, (points @ linear.T + shift).astype(np.float32))
    assert fitted == pytest.approx(np.column_stack([linear, shift]), abs=1e-3)


def test_similarity_finds_turn_and_scale_and_never_shears():
    points = sample_portrait(SIDE).landmarks
    turn = 1.2 * np.array([[np.cos(0.3), -np.sin(0.3)], [np.sin(0.3), np.cos(0.3)]])
    fitted = warp.similarity(points, (points @ turn.T + (3, 5)).astype(np.float32))
    assert fitted == pytest.approx(np.column_stack([turn, (3, 5)]), abs=1e-3)
    sheared = warp.similarity(points, (points @ np.array([[1, 0.4], [0, 1]]).T).astype(np.float32))
    assert sheared[0, 0] == pytest.approx(sheared[1, 1])
    assert sheared[0, 1] == pytest.approx(-sheared[1, 0])


def test_similarity_of_one_point_to_another_is_a_shift_without_size():
    assert np.isfinite(warp.similarity(np.float32([[3, 4]]), np.float32([[5, 9]]))).all()


def test_a_picture_is_moved_by_whole_pixels_exactly():
    image = np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    moved = warp.transformed(image, np.array([[1.0, 0, 3], [0, 1.0, -2]]))
    assert np.array_equal(moved[:30, 3:], image[2:, :29])


def test_a_part_is_drawn_as_the_whole_is_there_and_the_rest_is_left(portrait):
    side, by, part = (
        portrait.image.shape[0],
        np.array([[1.03, 0, -4.2], [0, 1.03, 2.5]]),
        np.s_[30:101, 20:140],
    )
    near, far = (warp.transformed_within(portrait.image, by, box) for box in (part, np.s_[0:side, 0:side]))
    apart = [np.abs(near[part].astype(int) - other[part]).mean() for other in (far, portrait.image)]
    assert apart[0] < 0.05
    assert apart[1] > 1
    near[part] = portrait.image[part]
    assert np.array_equal(near, portrait.image)
    assert np.array_equal(warp.transformed_within(portrait.image, by, np.s_[0:0, 0:0]), portrait.image)
