"""Keys: the same numbers for the same sample, whatever came before."""

import subprocess
import sys

import numpy as np
import pytest

from catchlight.generator.types import Forgery, Portrait, key


def test_a_key_gives_the_same_numbers_in_any_order():
    first = {sample: key(7, sample).random(4).tolist() for sample in ("a", "b", "c")}
    second = {sample: key(7, sample).random(4).tolist() for sample in ("c", "a", "b")}
    assert first == second


def test_seed_and_sample_both_count_and_do_not_run_together():
    drawn = [
        key(seed, sample).random() for seed, sample in ((1, "a"), (2, "a"), (1, "b"), (11, ""), (1, "1"))
    ]
    assert len(set(drawn)) == 5


def test_a_key_is_the_same_in_another_process():
    code = "from catchlight.generator.types import key; print(key(3, 'x').integers(10**9))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == key(3, "x").integers(10**9)


def test_the_boundary_is_where_both_pictures_mix():
    """4 M (1 - M): none where one picture is alone, 1 where both have the same share, alike on both sides."""
    mask = np.linspace(0, 1, 65, dtype=np.float32).reshape(5, 13)
    boundary = Forgery(np.zeros((5, 13, 3), np.uint8), mask).boundary
    assert (boundary.dtype, boundary.shape) == (np.float32, mask.shape)
    assert boundary[0, 0] == boundary[-1, -1] == 0
    assert boundary.flat[32] == boundary.max() == 1
    assert np.allclose(boundary, boundary[::-1, ::-1])


def test_values_are_frozen():
    picture = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(AttributeError):
        Portrait(picture, np.zeros((478, 2), np.float32)).image = picture
    with pytest.raises(AttributeError):
        Forgery(picture, np.zeros((4, 4), np.float32)).mask = None


def test_the_partner_is_the_target_or_its_altered_copy():
    target = Portrait(np.zeros((2, 2, 3), np.uint8), np.zeros((478, 2), np.float32))
    altered, mask = target.image + np.uint8(3), np.ones((2, 2), np.float32)
    assert Forgery(target.image, mask).partner(target) is target.image
    assert Forgery(target.image, mask, altered).partner(target) is altered
