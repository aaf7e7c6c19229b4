import numpy as np
import pytest

from catchlight.generator.networks import augment

pytestmark = pytest.mark.train
SIDE = 16


def changes(count=1, **other):
    """Changes that change nothing, but for those given."""
    still = np.repeat(np.eye(SIDE, dtype=np.float32)[None], count, axis=0)
    parts = {
        "tone": np.tile(np.float32([0, 1, 1]), (count, 1)),
        "down": still,
        "across": still,
        "seen": np.ones((count, SIDE, SIDE, 1), np.float32),
    }
    return list((parts | other).values())


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(1).uniform(-1, 1, (2, SIDE, SIDE, 3)).astype(np.float32)


def test_what_changes_nothing_changes_nothing(pixels):
    assert np.asarray(augment.augmented(pixels, *changes(2))) == pytest.approx(pixels, abs=1e-5)


def test_rows_and_columns_are_shifted_apart(pixels):
    down = np.repeat(np.eye(SIDE, k=-2, dtype=np.float32)[None], 2, axis=0)
    across = np.repeat(np.eye(SIDE, k=3, dtype=np.float32)[None], 2, axis=0)
    made = np.asarray(augment.augmented(pixels, *changes(2, down=down, across=across)))
    assert made[:, 2:, :-3] == pytest.approx(pixels[:, :-2, 3:], abs=1e-5)
    assert not made[:, :2].any()


def test_saturation_0_is_grey_and_light_is_added(pixels):
    made = np.asarray(augment.augmented(pixels, *changes(2, tone=np.tile(np.float32([0.25, 0, 1]), (2, 1)))))
    assert made == pytest.approx(np.repeat(pixels.mean(axis=-1, keepdims=True), 3, axis=-1) + 0.25, abs=1e-5)


def test_draws_follow_the_generator_and_stay_in_their_ranges():
    one, two, other = (augment.draw(np.random.default_rng(seed), 40, SIDE) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert not np.array_equal(one[0], other[0])
    tone, down, across, seen = one
    assert np.abs(tone[:, 0]).max() <= augment.LIGHT
    assert {down.sum(axis=1).max(), across.sum(axis=1).max()} == {1.0}
    assert down.sum(axis=(1, 2)).min() >= SIDE * (1 - augment.SHIFT)
    assert 0.6 < seen.mean() < 0.95
