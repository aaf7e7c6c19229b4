import numpy as np
import pytest

from catchlight.generator.networks.swap_loss import likeness, swap_loss

pytestmark = pytest.mark.train


@pytest.fixture
def wanted():
    """Two pictures with a face in the middle; eyes in it."""
    rng = np.random.default_rng(1)
    weights = np.zeros((2, 32, 32, 1), np.float32)
    weights[:, 8:24, 8:24] = 1
    weights[:, 12:15, 10:22] = 3
    return np.concatenate([rng.random((2, 32, 32, 3), np.float32), weights], axis=-1)


def made_of(wanted):
    return np.concatenate([wanted[..., :3], (wanted[..., 3:] >= 1).astype(np.float32)], axis=-1)


def loss(wanted, made):
    return float(swap_loss(0.5, 0.1)(wanted, made))


def test_what_is_wanted_costs_nothing(wanted):
    assert loss(wanted, made_of(wanted)) == pytest.approx(0, abs=1e-4)
    assert likeness(wanted, made_of(wanted)) == (pytest.approx(100, abs=1), pytest.approx(1, abs=1e-3))


def test_the_background_does_not_count_and_eyes_count_most(wanted):
    costs = []
    for part in ((slice(0, 6), slice(0, 6)), (slice(18, 21), slice(10, 22)), (slice(12, 15), slice(10, 22))):
        made = made_of(wanted)
        made[:, part[0], part[1], :3] += 0.3
        costs.append(loss(wanted, made))
    assert costs[0] == pytest.approx(0, abs=1e-4)
    assert costs[2] > 1.5 * costs[1] > 0


def test_a_wrong_mask_costs(wanted):
    made = made_of(wanted)
    made[..., 3] = 0
    assert loss(wanted, made) > 0.01
