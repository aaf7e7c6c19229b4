import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.generator.swap import frame
from catchlight.generator.warp import moved


def test_a_face_lies_alike_whatever_its_roll_and_size(astronaut, astronaut_face):
    found = []
    for angle, scale in ((0, 1.0), (30, 0.7), (-50, 1.3)):
        turn = cv2.getRotationMatrix2D((256, 256), angle, scale)
        image = cv2.warpAffine(astronaut, turn, (512, 512))
        cut = frame.cut(image, moved(astronaut_face.landmarks, turn), 96)
        assert cut.image.shape == (96, 96, 3)
        found.append(cut.landmarks)
    assert found[1] == pytest.approx(found[0], abs=0.01)
    assert found[2] == pytest.approx(found[0], abs=0.01)
    assert abs(lm.roll(found[0])) < 0.15
    assert lm.bounds(found[0][:468]).height == pytest.approx(frame.FILL * 96, rel=0.15)


def test_an_open_mouth_moves_the_frame_less_than_the_bounds(astronaut_face):
    points = astronaut_face.landmarks
    opened = points.copy()
    opened[list(lm.JAW[4:-4]), 1] += 0.1 * lm.bounds(points).height
    frames = [frame.matrix(p, 1) for p in (points, opened)]
    by_bounds = lm.bounds(opened[:468]).height / lm.bounds(points[:468]).height
    by_frame = np.hypot(*frames[0][0, :2]) / np.hypot(*frames[1][0, :2])
    assert abs(by_frame - 1) < 0.5 * abs(by_bounds - 1)


def test_a_large_face_is_shrunk_without_aliasing():
    stripes = np.repeat((np.indices((2000, 2000)).sum(axis=0) % 2 * 255)[..., None], 3, axis=2)
    mean = frame.mean_face()
    points = (np.vstack([mean, mean[:10]]) * 1500 + 1000).astype(np.float32)
    assert frame.cut(stripes.astype(np.uint8), points, 64).image[20:40, 20:40].std() < 3


def test_a_mirrored_face_has_its_landmarks_where_a_face_has_them(astronaut, astronaut_face):
    face = frame.cut(astronaut, astronaut_face.landmarks, 128)
    other = frame.turned_over(face)
    right, left = lm.eye_centres(other.landmarks)
    assert right[0] < left[0]
    assert frame.turn(other.landmarks) == pytest.approx(-frame.turn(face.landmarks), abs=0.05)
    assert frame.turned_over(other).image.tolist() == face.image.tolist()


def test_turn_tells_left_from_right():
    mean = np.vstack([frame.mean_face(), frame.mean_face()[:10]])
    assert frame.turn(mean) == pytest.approx(0, abs=0.1)
    mean[lm.NOSE_TIP, 0] += 0.2
    assert frame.turn(mean) > 0.3
