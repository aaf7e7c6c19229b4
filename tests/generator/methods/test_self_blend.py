"""Self-blend: the face is blended with an altered copy of itself, by key, inside the mask, in many ways."""

import numpy as np
import pytest

from catchlight.detector import align
from catchlight.generator import masks
from catchlight.generator.methods import self_blend
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.types import Portrait, key

SIDE = 160


@pytest.fixture(scope="module")
def portrait(astronaut, astronaut_face):
    return Portrait(*align.cut(astronaut, astronaut_face.landmarks, SIDE))


def apart(a, b):
    return np.abs(a.astype(int) - b).mean(axis=2)


@pytest.mark.parametrize("kind", masks.KINDS)
def test_every_mask_kind_changes_the_face(kind, portrait):
    for seed in range(6):
        forgery = SelfBlend(kind)(portrait, None, key(seed, kind))
        assert 0.005 < (forgery.mask > 0.1).mean() < 0.6
        assert 0.25 <= forgery.mask.max() <= 1.0 + 1e-6
        assert apart(forgery.image, portrait.image)[forgery.mask > 0.1].mean() > 0.2


def test_a_key_gives_the_same_bytes_and_another_key_another_picture(portrait):
    method = SelfBlend()
    first, second = (method(portrait, None, key(1, "a")) for _ in range(2))
    assert first.image.tobytes() == second.image.tobytes()
    assert first.mask.tobytes() == second.mask.tobytes()
    others = {method(portrait, None, key(1, f"sample {i}")).image.tobytes() for i in range(20)}
    assert len(others) == 20


def test_masks_vary_in_size_softness_and_ratio(portrait):
    drawn = [SelfBlend()(portrait, None, key(3, str(i))).mask for i in range(60)]
    assert {round(float(mask.max()), 2) for mask in drawn} == {0.25, 0.5, 0.75, 1.0}
    areas = sorted(float((mask > 0.5 * mask.max()).mean()) for mask in drawn)
    assert areas[-5] > 5 * areas[5]


def test_a_given_source_is_put_inside_and_the_target_stays_outside(portrait):
    source = Portrait(np.full_like(portrait.image, 10), portrait.landmarks)
    for seed in range(12):
        forgery = SelfBlend("whole")(portrait, source, key(seed, "swap"))
        outside = forgery.mask == 0
        assert np.array_equal(forgery.image[outside], portrait.image[outside])
        core = forgery.mask > 0.99
        if core.any():
            assert forgery.image[core].mean() < 45


def test_a_copy_of_itself_leaves_one_side_of_the_seam_untouched(portrait):
    """By a coin the inside or the surroundings are altered, never neither."""
    untouched = []
    for seed in range(40):
        forgery = SelfBlend("whole")(portrait, None, key(seed, "coin"))
        untouched.append(np.array_equal(forgery.image[forgery.mask == 0], portrait.image[forgery.mask == 0]))
    assert 8 < sum(untouched) < 34


def test_inputs_are_left_alone(portrait):
    image, landmarks = portrait.image.copy(), portrait.landmarks.copy()
    for seed in range(8):
        SelfBlend()(portrait, portrait, key(seed, "a"))
    assert np.array_equal(portrait.image, image)
    assert np.array_equal(portrait.landmarks, landmarks)


def test_blend_is_linear_in_the_mask():
    outer, inner = np.full((2, 2, 3), 40, np.uint8), np.full((2, 2, 3), 200, np.uint8)
    mask = np.array([[0, 1], [0.5, 0.25]], np.float32)
    assert self_blend.blend(outer, inner, mask)[..., 0].tolist() == [[40, 200], [120, 80]]


def test_alter_keeps_shape_and_stays_close(portrait):
    for seed in range(30):
        altered = self_blend.alter(portrait.image, key(seed, "alter"))
        assert (altered.shape, altered.dtype) == (portrait.image.shape, np.uint8)
        assert apart(altered, portrait.image).mean() < 45


def test_resharpen_makes_softer_and_sharper_ones(portrait):
    def detail(image):
        return float(np.abs(np.diff(image.astype(int), axis=1)).mean())

    values = [detail(self_blend.resharpen(portrait.image, key(seed, "r"))) for seed in range(40)]
    assert min(values) < 0.8 * detail(portrait.image) < 1.2 * detail(portrait.image) < max(values)


def test_a_move_is_small():
    for seed in range(10):
        by = self_blend.drawn_move(SIDE, key(seed, "move"))
        assert 0.95 <= by[0, 0] == by[1, 1] <= 1 / 0.95
        assert np.abs(by[:, 2] - (1 - by[0, 0]) * SIDE / 2).max() <= 0.03 * SIDE
