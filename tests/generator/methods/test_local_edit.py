"""Local edits: one part of another moment, over the same part of this one."""

import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.methods.local_edit import PARTS, LocalEdit
from catchlight.generator.types import key

PLACES = {"mouth": lm.LIPS, "lower": lm.LIPS, "eyes": lm.LEFT_EYE}


@pytest.mark.parametrize("part", PARTS)
def test_the_part_is_replaced_and_the_rest_is_left_to_the_bit(part, portrait, relit):
    for seed in range(5):
        made = LocalEdit(part)(portrait, relit, key(seed, part))
        x, y = portrait.landmarks[list(PLACES[part])].mean(axis=0).round().astype(int)
        assert made.mask[y, x] > 0.4
        assert made.mask[10, 10] == 0
        assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])
        assert np.abs(made.image.astype(int) - portrait.image).mean(axis=2)[made.mask > 0.5].mean() > 1


def test_another_place_of_the_face_is_brought_to_this_one(portrait, relit):
    """The source lies three pixels aside; at the dial's hard end that is no longer seen."""
    made = LocalEdit("lower", 1.0)(portrait, relit, key(1, "a"))
    core = made.mask > 0.9
    before, after = (np.abs(p.astype(int) - portrait.image)[core].mean() for p in (relit.image, made.image))
    assert after < 0.5 * before


def test_mouths_are_edited_most(portrait, relit):
    low = [
        float(np.nonzero(LocalEdit()(portrait, relit, key(1, str(i))).mask > 0.5)[0].mean())
        for i in range(30)
    ]
    nose = portrait.landmarks[lm.NOSE_TIP, 1]
    assert 0.6 < np.mean(np.array(low) > nose) < 1.0


def test_a_source_and_a_known_part_are_asked_for(portrait):
    with pytest.raises(ConfigError, match="needs a source"):
        LocalEdit()(portrait, None, key(1, "a"))
    with pytest.raises(UnknownName, match="unknown part .ear."):
        LocalEdit("ear")
