"""Face swap: the other face, bent onto the target's landmarks, in the target's light."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.methods.face_swap import FaceSwap, aligned
from catchlight.generator.types import Portrait, key


def test_the_source_is_seen_inside_and_the_target_outside(portrait):
    marked = portrait.image.copy()
    marked[::4] = 0
    for seed in range(12):
        made = FaceSwap("whole")(portrait, Portrait(marked, portrait.landmarks), key(seed, "a"))
        assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])
        change = np.abs(made.image.astype(int) - portrait.image).mean(axis=2)
        assert change[made.mask > 0.8].mean() > 8


def test_the_face_takes_the_light_of_the_target(portrait, relit):
    off = {0.0: [], 1.0: []}
    for hardness, values in off.items():
        for seed in range(8):
            made = FaceSwap("whole", hardness)(portrait, relit, key(seed, "a"))
            core = made.mask > 0.8
            values.append(np.abs(made.image[core].mean(axis=0) - portrait.image[core].mean(axis=0)).max())
    assert np.median(off[1.0]) < 0.4 * np.median(off[0.0])


def test_a_key_gives_one_picture_and_keys_give_many_masks(portrait, relit):
    one, two = (FaceSwap()(portrait, relit, key(1, "a")) for _ in range(2))
    assert np.array_equal(one.image, two.image)
    areas = sorted(float((FaceSwap()(portrait, relit, key(2, str(i))).mask > 0.4).mean()) for i in range(24))
    assert areas[-3] > 2 * areas[2]


def test_poisson_blending_leaves_a_hard_mask(portrait, relit):
    masks = [FaceSwap()(portrait, relit, key(3, str(i))).mask for i in range(40)]
    assert any(set(np.unique(mask)) == {0.0, 1.0} for mask in masks)


def test_a_face_that_reaches_over_the_border_is_swapped_too(portrait, relit):
    for seed in range(10):
        aside = Portrait(portrait.image, portrait.landmarks + np.float32([-75, 60]))
        made = FaceSwap()(aside, relit, key(seed, "a"))
        assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])


def test_aligned_puts_landmarks_onto_landmarks(portrait):
    aside = Portrait(np.roll(portrait.image, 6, axis=1), portrait.landmarks + np.float32([6, 0]))
    assert (
        np.abs(aligned(aside, portrait)[20:140, 20:140].astype(int) - portrait.image[20:140, 20:140]).max()
        <= 2
    )


def test_a_source_and_a_known_mask_are_asked_for(portrait, relit):
    with pytest.raises(ConfigError, match="needs a source"):
        FaceSwap()(portrait, None, key(1, "a"))
    with pytest.raises(UnknownName, match="mask kind"):
        FaceSwap("hole")(portrait, relit, key(1, "a"))
