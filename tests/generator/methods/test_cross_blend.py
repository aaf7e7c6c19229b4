"""Cross-blend: the other face, unbent, in the target's mean colour, with a seam to learn from."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.generator.methods.cross_blend import CrossBlend
from catchlight.generator.types import key


def test_the_face_takes_the_mean_colour_of_the_target(portrait, relit):
    made = CrossBlend("whole")(portrait, relit, key(1, "a"))
    core = made.mask > 0.99
    means = [image[core].mean(axis=0) for image in (made.image, portrait.image, relit.image)]
    assert np.abs(means[0] - means[1]).max() < 2 < np.abs(means[2] - means[1]).max()


def test_the_boundary_is_a_ring_around_the_face(portrait, relit):
    made = CrossBlend("whole")(portrait, relit, key(1, "a"))
    assert made.boundary.max() > 0.9
    assert not made.boundary[made.mask == 0].any()
    assert made.boundary[made.mask > 0.999].max() < 0.01


def test_outside_the_mask_the_target_is_left_to_the_bit(portrait, relit):
    for seed in range(6):
        made = CrossBlend()(portrait, relit, key(seed, "a"))
        assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])


def test_a_source_is_asked_for(portrait):
    with pytest.raises(ConfigError, match="needs a source"):
        CrossBlend()(portrait, None, key(1, "a"))
