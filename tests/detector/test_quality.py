"""What a face can tell: ordinary ones pass, and each way of being useless has its code."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from catchlight.detector import align, quality
from catchlight.detector import landmarks as lm
from catchlight.detector.types import Face


@pytest.fixture
def measured(astronaut_face):
    """Quality of the astronaut after a change of the picture and of its size."""

    def measure(image, scale=1.0):
        points = astronaut_face.landmarks * np.float32(scale)
        if scale != 1.0:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        crop, landmarks = align.cut(image, points, 160)
        return quality.measure(crop, landmarks, Face(lm.bounds(points[:468]), points, 0.9))

    return measure


def test_an_ordinary_face_can_be_judged(measured, astronaut, astronaut_face):
    result = measured(astronaut)
    assert result.problem is None
    assert 0.4 < result.score <= 1
    assert result.width == pytest.approx(astronaut_face.box.width)
    assert 0 <= result.turn < 0.5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda image: image // 12, "too_dark"),
        (lambda image: 255 - (255 - image) // 40, "too_bright"),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 12), "too_blurred"),
    ],
)
def test_a_useless_face_has_its_code_and_no_score(change, code, measured, astronaut):
    result = measured(np.asarray(change(astronaut), np.uint8))
    assert (result.problem, result.score) == (code, 0.0)


def test_a_tiny_face_is_too_small_whatever_the_crop_is(measured, astronaut):
    assert measured(astronaut, 0.3).problem == "face_too_small"


def test_score_falls_with_blur_and_size(measured, astronaut):
    sharp, soft, small = (
        measured(astronaut),
        measured(cv2.GaussianBlur(astronaut, (0, 0), 3)),
        measured(astronaut, 0.5),
    )
    assert sharp.sharpness > soft.sharpness
    assert sharp.score > soft.score > 0
    assert sharp.score > small.score > 0


def test_sharpness_hardly_depends_on_the_crop_side(astronaut, astronaut_face):
    values = []
    for side in (128, 256):
        crop, landmarks = align.cut(astronaut, astronaut_face.landmarks, side)
        values.append(quality.measure(crop, landmarks, astronaut_face).sharpness)
    assert values[0] == pytest.approx(values[1], rel=0.5)


def test_turn_is_zero_in_front_and_one_in_profile(astronaut_face):
    points = astronaut_face.landmarks.copy()
    points[[lm.RIGHT_CHEEK, lm.LEFT_CHEEK], 0] = 100, 200
    points[lm.NOSE_TIP, 0] = 150
    assert quality.turn(points) == 0
    points[lm.NOSE_TIP, 0] = 200
    assert quality.turn(points) == 1
    points[[lm.RIGHT_CHEEK, lm.LEFT_CHEEK], 0] = 200
    assert quality.turn(points) == 1


def test_brightness_is_that_of_the_face_not_of_its_surroundings(measured, astronaut, astronaut_face):
    box = astronaut_face.box
    dark_around = np.zeros_like(astronaut)
    inner = np.s_[int(box.y) : int(box.y + box.height), int(box.x) : int(box.x + box.width)]
    dark_around[inner] = astronaut[inner]
    assert measured(dark_around).brightness == pytest.approx(measured(astronaut).brightness, rel=0.05)


def test_a_face_outside_its_crop_is_measured_on_what_there_is(astronaut, astronaut_face):
    crop, landmarks = align.cut(astronaut, astronaut_face.landmarks, 64)
    result = quality.measure(crop, landmarks + 500, replace(astronaut_face))
    assert np.isfinite([result.sharpness, result.brightness, result.turn]).all()
