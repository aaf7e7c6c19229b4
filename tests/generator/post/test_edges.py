"""Edges of masks: softer, further out, further in."""

import numpy as np
import pytest

from catchlight.generator.post import edges


@pytest.fixture
def square():
    mask = np.zeros((64, 64), np.float32)
    mask[20:44, 20:44] = 1
    return mask


def test_feather_softens_the_edge_and_keeps_the_top(square):
    soft = edges.feather(square, 9)
    assert (soft.dtype, soft.shape) == (np.float32, square.shape)
    assert soft.max() == pytest.approx(1)
    assert ((soft > 0.05) & (soft < 0.95)).sum() > 100
    assert (edges.feather(square, 9, 5.0) != soft).any()


def test_feather_lifts_what_is_smaller_than_its_kernel():
    dot = np.zeros((64, 64), np.float32)
    dot[30, 30] = 1
    assert edges.feather(dot, 15).max() == pytest.approx(1)
    assert not edges.feather(dot * 0, 15).any()


@pytest.mark.parametrize(("pixels", "side"), [(3, 30), (-3, 18), (0.4, 24), (-0.4, 24)])
def test_grow_moves_the_edge_by_that_many_pixels(pixels, side, square):
    assert edges.grow(square, pixels)[32].sum() == side


def test_growing_a_full_mask_inwards_leaves_it_at_the_border_of_the_picture():
    full = np.ones((16, 16), np.float32)
    assert (edges.grow(full, -4) == 1).all()
