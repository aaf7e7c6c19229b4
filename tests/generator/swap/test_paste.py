import numpy as np
import pytest

from catchlight.datasets import degrade
from catchlight.generator.swap import frame
from catchlight.generator.swap.drawer import Drawn
from catchlight.generator.swap.paste import Finish, paste, sharpened

SIDE = 96


@pytest.fixture
def place(astronaut, astronaut_face):
    by = frame.matrix(astronaut_face.landmarks, SIDE)
    return by, frame.cut_by(astronaut, astronaut_face.landmarks, by, SIDE)


def all_over(image):
    return Drawn(image, np.ones(image.shape[:2], np.float32))


def detail(image):
    return np.abs(np.diff(image.astype(int), axis=1)).mean()


def test_outside_the_mask_nothing_changes(astronaut, place):
    by, target = place
    red = all_over(np.full((SIDE, SIDE, 3), (200, 0, 0), np.uint8))
    made = paste(astronaut, red, target, by, Finish(colours="none", sharpness=0))
    assert (made.image[made.mask == 0] == astronaut[made.mask == 0]).all()
    assert made.mask.max() == 1
    assert made.image[made.mask > 0.99].mean(axis=0) == pytest.approx((200, 0, 0), abs=1)


def test_colours_become_those_of_the_target(astronaut, place):
    by, target = place
    blue = all_over(np.clip(target.image * (0.4, 0.6, 1.3), 0, 255).astype(np.uint8))
    made = [paste(astronaut, blue, target, by, Finish(colours=c)) for c in ("none", "mean_std", "mkl")]
    off = [np.abs(m.image.astype(int) - astronaut)[m.mask > 0.99].mean() for m in made]
    assert max(off[1:]) < 0.5 * off[0]


def test_strength_scales_the_mask(astronaut, place):
    by, target = place
    whole, half = (
        paste(astronaut, all_over(target.image), target, by, Finish(strength=s)).mask for s in (1, 0.5)
    )
    assert half == pytest.approx(whole / 2, abs=0.01)


def test_a_face_at_the_border_is_pasted_as_far_as_it_is_seen(astronaut, astronaut_face):
    left = int(astronaut_face.landmarks[1, 0])
    image, points = (
        np.ascontiguousarray(astronaut[:, left:]),
        astronaut_face.landmarks - np.float32((left, 0)),
    )
    by = frame.matrix(points, SIDE)
    target = frame.cut_by(image, points, by, SIDE)
    made = paste(image, all_over(target.image), target, by)
    assert made.image.shape == image.shape
    assert made.mask.max() == pytest.approx(1, abs=0.01)


def test_a_face_outside_leaves_the_picture_alone(astronaut, astronaut_face):
    points = astronaut_face.landmarks + np.float32((3000, 0))
    by = frame.matrix(points, SIDE)
    target = frame.cut_by(astronaut, points, by, SIDE)
    made = paste(astronaut, all_over(target.image), target, by)
    assert not made.mask.any()
    assert (made.image == astronaut).all()


@pytest.mark.parametrize("alter", [lambda im: degrade.blur(im, 1.5), lambda im: degrade.sharpen(im, 1.0)])
def test_sharpness_becomes_that_of_the_surroundings(alter, astronaut):
    part = astronaut[60:220, 150:300]
    everywhere = np.ones(part.shape[:2], np.float32)
    altered = alter(part)
    again = sharpened(altered, part, everywhere, 1.0)
    assert abs(detail(again) - detail(part)) < 0.75 * abs(detail(altered) - detail(part))
    assert (sharpened(altered, part, everywhere, 0.0) == altered).all()
