"""Reenactment: the source's picture in the target's pose."""

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.generator.methods.reenact import Reenact
from catchlight.generator.types import Portrait, key


@pytest.fixture(scope="module")
def aside(portrait):
    """The same picture six pixels to the right."""
    return Portrait(np.roll(portrait.image, 6, axis=1), portrait.landmarks + np.float32([6, 0]))


def test_the_source_comes_to_lie_where_the_target_is(portrait, aside):
    inside = np.s_[30:130, 30:130]
    made = Reenact(1.0)(portrait, aside, key(1, "a")).image
    near, far = (np.abs(made[inside].astype(int) - p.image[inside]).mean() for p in (portrait, aside))
    assert near < 0.5 * far


def test_the_whole_picture_counts_as_made(portrait, aside):
    made = Reenact()(portrait, aside, key(1, "a"))
    assert (made.mask == 1).all()
    assert not made.boundary.any()


def test_its_real_partner_is_the_target_often_resampled_or_altered_too(portrait, aside):
    partners = [Reenact()(portrait, aside, key(1, str(i))).real for i in range(30)]
    same = sum(np.array_equal(partner, portrait.image) for partner in partners)
    assert 1 <= same <= 14
    assert max(np.abs(p.astype(int) - portrait.image).mean() for p in partners) < 15


def test_a_key_gives_one_picture(portrait, aside):
    one, two = (Reenact()(portrait, aside, key(1, "a")) for _ in range(2))
    assert np.array_equal(one.image, two.image)
    assert np.array_equal(one.real, two.real)


def test_a_source_is_asked_for(portrait):
    with pytest.raises(ConfigError, match="needs a source"):
        Reenact()(portrait, None, key(1, "a"))
