"""Light of the face: one side brighter, the other darker, the scene as it was."""

import numpy as np

from catchlight.generator.methods.face_light import FaceLight
from catchlight.generator.types import key


def test_one_side_of_the_face_becomes_brighter_and_the_other_darker(portrait):
    for seed in range(6):
        made = FaceLight(0.0)(portrait, None, key(seed, "a"))
        change = made.image.astype(int).mean(axis=2) - portrait.image.mean(axis=2)
        core = change[made.mask > 0.9]
        assert np.percentile(core, 90) > 8
        assert np.percentile(core, 10) < -8


def test_the_change_is_smooth(portrait):
    """As a factor on the levels it has no texture of its own."""
    made = FaceLight(0.3)(portrait, None, key(1, "a"))
    core = (made.mask > 0.99) & (portrait.image.min(axis=2) > 60) & (made.image.max(axis=2) < 250)
    gain = np.where(core, made.image.mean(axis=2) / np.maximum(portrait.image.mean(axis=2), 1), np.nan)
    assert np.nanmax(np.abs(np.diff(gain, axis=1))) < 0.05


def test_outside_the_mask_the_target_is_left_to_the_bit(portrait):
    made = FaceLight()(portrait, None, key(1, "a"))
    assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])
