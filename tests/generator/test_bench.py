"""The rate of forging is a number of blends a second."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.generator.bench import drawn_store, recipe_rate, self_blend_rate


def test_a_rate_is_measured():
    assert self_blend_rate(seconds=0.2, workers=2) > 1


@pytest.mark.parametrize(("seconds", "workers"), [(0, 1), (-1, 1), (1, 0)])
def test_nothing_can_be_measured_in_no_time_or_by_nobody(seconds, workers):
    with pytest.raises(ConfigError, match="above zero"):
        self_blend_rate(seconds, workers)


@pytest.mark.slow
def test_the_rate_of_a_whole_run_is_measured():
    assert recipe_rate(samples=64, workers=2) > 1


@pytest.mark.parametrize(("samples", "workers"), [(10, 1), (64, 0)])
def test_a_run_too_short_has_no_rate(samples, workers):
    with pytest.raises(ConfigError, match="64 samples and a worker at least"):
        recipe_rate(samples, workers)


def test_a_drawn_store_has_people_in_clips_on_both_sides(tmp_path):
    store = drawn_store(tmp_path, people=4, frames=2, side=96)
    assert [(s.identity, s.split) for s in store.samples[::2]] == [
        ("p0", "train"),
        ("p1", "train"),
        ("p2", "train"),
        ("p3", "val"),
    ]
    assert store.image(0).shape == (96, 96, 3)
    assert not np.array_equal(store.image(0), store.image(2))
