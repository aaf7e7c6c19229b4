"""Names of landmarks lie where their names say."""

import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm

GROUPS = {name: value for name, value in vars(lm).items() if isinstance(value, tuple)}


@pytest.mark.parametrize("name", GROUPS)
def test_groups_hold_each_point_once(name):
    group = GROUPS[name]
    assert len(set(group)) == len(group)
    assert min(group) >= 0
    assert max(group) < lm.COUNT


def test_parts_of_a_face_share_no_point():
    parts = (
        lm.LIPS,
        lm.LEFT_EYE,
        lm.RIGHT_EYE,
        lm.LEFT_BROW,
        lm.RIGHT_BROW,
        lm.NOSE,
        lm.LEFT_IRIS,
        lm.RIGHT_IRIS,
    )
    points = [point for part in parts for point in part]
    assert len(set(points)) == len(points)


def test_a_face_is_laid_out_like_a_face(astronaut_face):
    points = astronaut_face.landmarks

    def centre(names):
        return points[list(names)].mean(axis=0)

    brows, eyes = centre(lm.LEFT_BROW + lm.RIGHT_BROW), centre(lm.LEFT_EYE + lm.RIGHT_EYE)
    assert points[lm.FOREHEAD, 1] < brows[1] < eyes[1] < points[lm.NOSE_TIP, 1] < centre(lm.LIPS)[1]
    assert centre(lm.LIPS)[1] < points[lm.CHIN, 1]
    assert (
        points[lm.RIGHT_CHEEK, 0]
        < centre(lm.RIGHT_EYE)[0]
        < centre(lm.LEFT_EYE)[0]
        < points[lm.LEFT_CHEEK, 0]
    )


@pytest.mark.parametrize(("iris", "eye"), [(lm.LEFT_IRIS, lm.LEFT_EYE), (lm.RIGHT_IRIS, lm.RIGHT_EYE)])
def test_irises_lie_in_their_eyes(iris, eye, astronaut_face):
    points = astronaut_face.landmarks
    hull = cv2.convexHull(points[list(eye)])
    assert cv2.pointPolygonTest(hull, tuple(map(float, points[iris[0]])), False) > 0


def test_oval_goes_round_all_parts(astronaut_face):
    points = astronaut_face.landmarks
    hull = cv2.convexHull(points[list(lm.FACE_OVAL)])
    inner = lm.LIPS + lm.LEFT_EYE + lm.RIGHT_EYE + lm.LEFT_BROW + lm.RIGHT_BROW
    assert all(cv2.pointPolygonTest(hull, tuple(map(float, points[i])), False) > 0 for i in inner)
    assert set(lm.JAW) < set(lm.FACE_OVAL)


def test_eye_centres_come_right_eye_first(astronaut_face):
    right, left = lm.eye_centres(astronaut_face.landmarks)
    assert right[0] < left[0]
    assert abs(right[1] - left[1]) < 0.3 * (left[0] - right[0])


@pytest.mark.parametrize("angle", [-2.0, -0.5, 0.0, 0.3, 1.4])
def test_roll_follows_a_turn(angle, astronaut_face):
    points = astronaut_face.landmarks
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)
    assert lm.roll(points @ turn) - lm.roll(points) == pytest.approx(angle, abs=1e-4)


def test_bounds_of_points():
    assert lm.bounds(np.array([[3, 8], [1, 9], [2, 4]], np.float32)) == (1, 4, 2, 5)
