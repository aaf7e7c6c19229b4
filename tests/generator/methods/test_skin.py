"""Skin: smoother, shaved or with stubble, and eyes, brows and lips left alone."""

import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import UnknownName
from catchlight.generator.methods.skin import ACTIONS, Skin
from catchlight.generator.types import key


def grain(image, mask):
    return float(np.abs(np.diff(image.astype(int), axis=1)).mean(axis=2)[mask[:, 1:] > 0.9].mean())


def test_smoothed_skin_has_less_grain_and_stubble_more(portrait):
    smooth, rough = (Skin(action, 0.0)(portrait, None, key(1, "a")) for action in ("smoothed", "stubble"))
    assert grain(smooth.image, smooth.mask) < 0.75 * grain(portrait.image, smooth.mask)
    assert grain(rough.image, rough.mask) > 1.5 * grain(portrait.image, rough.mask)


def test_stubble_is_darker_and_shaving_takes_a_shadow_away(portrait):
    rough = Skin("stubble", 0.0)(portrait, None, key(1, "a"))
    chin = rough.mask > 0.9
    assert rough.image[chin].mean() < portrait.image[chin].mean() - 10
    shadowed = type(portrait)(rough.image, portrait.landmarks)
    shaved = Skin("shaved", 0.0)(shadowed, None, key(1, "a"))
    assert shaved.image[chin].mean() > rough.image[chin].mean() + 8


@pytest.mark.parametrize("action", ACTIONS)
def test_features_and_surroundings_are_left_alone(action, portrait):
    made = Skin(action, 0.0)(portrait, None, key(1, "a"))
    for names in (lm.LEFT_EYE, lm.RIGHT_EYE):
        x, y = portrait.landmarks[list(names)].mean(axis=0).round().astype(int)
        assert made.mask[y, x] < 0.1
    assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])
    assert made.mask.mean() < 0.5


def test_an_unknown_action_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="Valid names: shaved, smoothed, stubble"):
        Skin("tanned")
