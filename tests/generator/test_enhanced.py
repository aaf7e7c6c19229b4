"""Enhanced photographs: found by split, real, and asked for by the command that makes them."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.enhanced import PHOTOGRAPHIC, enhanced
from catchlight.generator.networks.restorers import RESTORERS


@pytest.mark.parametrize("split", ["train", "val"])
def test_each_real_picture_of_the_split_comes_with_its_copy(split, face_store, with_copies):
    store = with_copies(face_store, "cugan")
    copies = enhanced(store, split)
    assert sorted(copies.files) == store.where(lambda s: s.label == "real" and s.split == split)
    pair = copies.pair_of(min(copies.files), 64, None, np.random.default_rng(1))
    assert pair.fake[24:40, 24:40].min() > 230 > pair.real.mean()


@pytest.mark.parametrize("kind", sorted(set(RESTORERS) - set(PHOTOGRAPHIC)))
def test_what_looks_like_a_drawing_is_no_photograph_any_more(kind, face_store, with_copies):
    with pytest.raises(DataError, match="holds no enhanced photographs"):
        enhanced(with_copies(face_store, kind), "train")


def test_a_store_without_copies_names_the_command_that_makes_them(face_store):
    with pytest.raises(DataError, match="catchlight generate reconstruct --faces .* --kind esrgan"):
        enhanced(face_store, "train")
