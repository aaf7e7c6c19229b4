"""Reconstruction blended in: a decoder's traces inside a mask, the picture itself outside."""

import numpy as np
import pytest

from catchlight.detector.errors import UnknownName
from catchlight.generator.methods.reconstruct import Reconstruct
from catchlight.generator.methods.reconstruct_blend import ReconstructBlend
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.types import Portrait, key

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def method():
    return ReconstructBlend("ps8", mask="whole")


def apart(a, b):
    return np.abs(a.astype(int) - b).mean(axis=2)


def test_the_picture_is_left_alone_outside_the_mask_and_is_the_partner(method, portrait):
    for seed in range(6):
        forgery = method(portrait, None, key(seed, "blend"))
        assert np.array_equal(forgery.image[forgery.mask == 0], portrait.image[forgery.mask == 0])
        assert np.array_equal(forgery.partner(portrait), portrait.image)
        assert 0.02 < (forgery.mask > 0.1).mean() < 0.6


def test_inside_lies_what_the_decoder_made(method, portrait):
    """With the same key it is the self-blend of which the inside went through the decoder."""
    for seed in range(4):
        forgery = method(portrait, None, key(seed, "blend"))
        decoded = Portrait(Reconstruct("ps8")(portrait, None, key(1, "whole")).image, portrait.landmarks)
        expected = SelfBlend("whole")(portrait, decoded, key(seed, "blend"))
        assert np.array_equal(forgery.image, expected.image)
        assert apart(forgery.image, portrait.image)[forgery.mask > 0.5 * forgery.mask.max()].mean() > 0.3


def test_mask_kind_and_autoencoder_are_options_and_name_the_family(method, portrait):
    mouth = ReconstructBlend("dn8", mask="mouth")
    assert (method.family, mouth.family) == ("reconstruct_blend_ps8", "reconstruct_blend_dn8")
    sizes = [(m(portrait, None, key(2, "m")).mask > 0.1).mean() for m in (method, mouth)]
    assert sizes[1] < 0.5 * sizes[0]
    with pytest.raises(UnknownName, match="did you mean 'ps8'"):
        ReconstructBlend("ps9")
    with pytest.raises(UnknownName, match="mask kind"):
        ReconstructBlend(mask="nose")(portrait, None, key(1, "m"))
