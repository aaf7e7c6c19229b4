"""Reshape: the named part moves, the rest of the face stays."""

import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import UnknownName
from catchlight.generator.methods.reshape import PARTS, Reshape
from catchlight.generator.types import key


@pytest.mark.parametrize("part", PARTS)
def test_the_part_changes_and_the_rest_is_left_to_the_bit(part, portrait):
    for seed in range(4):
        made = Reshape(part, 0.0)(portrait, None, key(seed, "a"))
        changed = np.abs(made.image.astype(int) - portrait.image).mean(axis=2)
        assert changed[made.mask > 0.9].mean() > 1.5
        assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])


def test_the_mask_lies_on_the_part(portrait):
    for part, names, other in (("mouth", lm.LIPS, lm.LEFT_EYE), ("eyes", lm.LEFT_EYE, lm.LIPS)):
        mask = Reshape(part)(portrait, None, key(1, "a")).mask
        there, elsewhere = (
            mask[tuple(portrait.landmarks[list(n)].mean(axis=0).round().astype(int)[::-1])]
            for n in (names, other)
        )
        assert there > 0.5
        assert elsewhere < 0.1


def test_an_unknown_part_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="did you mean 'brows'"):
        Reshape("brow")
