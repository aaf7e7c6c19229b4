"""Surface: smoothing keeps edges, light falls from where it was asked to."""

import numpy as np
import pytest

from catchlight.generator.post import surface


@pytest.fixture
def edge():
    """Two grainy walls, dark and light."""
    rng = np.random.default_rng(1)
    image = np.full((96, 96, 3), 60.0)
    image[:, 48:] = 190
    return np.clip(image + rng.normal(0, 5, image.shape), 0, 255).astype(np.uint8)


def test_smoothing_takes_grain_and_leaves_the_edge(edge):
    made = surface.smooth(edge, 1.0, 0.03)
    assert made[10:80, 8:36].std() < 0.5 * edge[10:80, 8:36].std()
    assert made[40, 52].mean() - made[40, 43].mean() > 110


def test_smoothing_by_nothing_changes_nothing_and_by_half_half_as_much(edge):
    assert np.array_equal(surface.smooth(edge, 0.0), edge)
    half, whole = (np.abs(surface.smooth(edge, amount).astype(int) - edge).mean() for amount in (0.5, 1.0))
    assert half == pytest.approx(whole / 2, rel=0.15)


@pytest.mark.parametrize(("angle", "lit", "dark"), [(0, (48, 90), (48, 5)), (np.pi / 2, (90, 48), (5, 48))])
def test_light_falls_from_its_side(angle, lit, dark):
    made = surface.relight(np.full((96, 96, 3), 100, np.uint8), (48, 48), 40, angle, 0.8)
    assert made[48, 48].tolist() == [100] * 3
    assert made[lit][0] == pytest.approx(100 * 2 ** (0.8 / 2.2), abs=1)
    assert made[dark][0] == pytest.approx(100 / 2 ** (0.8 / 2.2), abs=1)


def test_light_saturates_and_black_stays_black():
    white, black = np.full((8, 8, 3), 250, np.uint8), np.zeros((8, 8, 3), np.uint8)
    assert surface.relight(white, (4, 4), 2, 0.0, 2.0).max() == 255
    assert not surface.relight(black, (4, 4), 2, 0.0, 2.0).any()
