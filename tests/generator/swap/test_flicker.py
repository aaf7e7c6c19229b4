import numpy as np
import pytest

from catchlight.generator.swap.flicker import Flicker


def measured(levels, pause_at=()):
    flicker, mask = Flicker(), np.ones((8, 8), np.float32)
    for number, level in enumerate(levels):
        if number in pause_at:
            flicker.pause()
        flicker.add(np.full((8, 8, 3), level, np.uint8), mask)
    return flicker.mean


def test_what_changes_evenly_does_not_flicker():
    assert measured(range(10, 100, 10)) == 0


def test_what_jumps_does():
    assert measured([50, 60, 50, 60]) == 10


def test_nothing_is_compared_across_a_pause():
    assert measured([50, 50, 50, 200, 200, 200], pause_at=(3,)) == 0
    assert measured([10, 20]) == 0


def test_only_the_mask_counts():
    flicker, mask = Flicker(), np.zeros((8, 8), np.float32)
    mask[:4] = 1
    for level in (0, 100, 0):
        image = np.full((8, 8, 3), 7, np.uint8)
        image[:2] = level
        flicker.add(image, mask)
    assert flicker.mean == pytest.approx(50)
