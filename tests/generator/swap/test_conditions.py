import numpy as np
import pytest

from catchlight.generator.swap import frame
from catchlight.generator.swap.conditions import coarse, conditions, face_mask, fitting, importance, openings
from catchlight.generator.types import Portrait


@pytest.fixture
def face(astronaut, astronaut_face):
    return frame.cut(astronaut, astronaut_face.landmarks, 96)


def test_the_source_takes_on_the_targets_light(face):
    dark = Portrait((face.image * 0.5).astype(np.uint8), face.landmarks)
    shown = conditions(dark, face)
    assert (shown.shape, shown.dtype) == ((96, 96, 8), np.uint8)
    inside = face_mask(face.landmarks, 96) > 0
    assert shown[..., :3][inside].mean() == pytest.approx(face.image[inside].mean(), abs=8)


def test_of_the_target_nothing_fine_is_shown_but_eyes_and_mouth(face):
    noise = np.random.default_rng(1).integers(-40, 40, (96, 96, 1))
    noisy = Portrait(np.clip(face.image + noise, 0, 255).astype(np.uint8), face.landmarks)
    plain, seen = (conditions(face, target).astype(int) for target in (face, noisy))
    assert np.abs(plain - seen)[..., :6].mean() < 4
    opened = openings(face.landmarks, 96) > 0
    assert np.abs(plain - seen)[..., 6][opened].mean() > 10
    assert not seen[..., 6][~opened].any()


def test_light_is_taken_from_the_face_alone(face):
    mask = face_mask(face.landmarks, 96)
    dark = np.where(mask[..., None] > 0, face.image, 0).astype(np.uint8)
    off = np.abs(coarse(dark, mask) - coarse(face.image, mask))
    assert off[mask > 0].max() < 1e-2


def test_a_source_that_looks_the_other_way_is_mirrored(face):
    aside = face.landmarks.copy()
    aside[:, 0] = np.where(aside[:, 0] > 48, 48 + 0.4 * (aside[:, 0] - 48), aside[:, 0])
    turned = Portrait(face.image, aside)
    assert fitting(turned, turned) is turned
    other = frame.turned_over(turned)
    assert frame.turn(fitting(other, turned).landmarks) * frame.turn(aside) > 0


def test_eyes_count_three_times_and_the_mouth_twice(face):
    weights = importance(face.landmarks, 96)
    assert np.unique(weights).tolist() == [0, 0.5, 1, 2, 3]
    x, y = face.landmarks[159].round().astype(int)
    assert weights[y, x] == 3
