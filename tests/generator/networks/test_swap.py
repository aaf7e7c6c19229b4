import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.networks import swap
from catchlight.generator.networks.swap import SwapConfig

pytestmark = pytest.mark.train
TINY = SwapConfig("pair", side=32, encoder=4, code=8, decoder=8)
MANY = SwapConfig("encoder", side=32, encoder=4, code=8, decoder=8)
ONE = SwapConfig("one_shot", side=32, encoder=4, code=8, decoder=8)


def test_a_pair_has_a_decoder_for_each_person():
    model = swap.build(TINY)
    faces = np.random.default_rng(1).integers(0, 255, (2, 32, 32, 3)).astype(np.float32)
    both = [np.asarray(made) for made in model([faces, faces])]
    assert [made.shape for made in both] == [(2, 32, 32, 4)] * 2
    for person, made in zip("ab", both, strict=True):
        alone = np.asarray(swap.path(model, TINY, person)(faces))
        assert alone == pytest.approx(made, abs=1e-5)
    with pytest.raises(UnknownName, match="Valid names: a, b"):
        swap.path(model, TINY, "c")


def test_an_encoder_has_one_decoder_for_everybody():
    model = swap.build(MANY)
    faces = np.zeros((2, 32, 32, 3), np.float32)
    alone = model.get_layer("decoder")(model.get_layer("encoder")(faces))
    assert np.asarray(model(faces)) == pytest.approx(np.asarray(alone), abs=1e-5)
    assert swap.path(model, MANY) is model


def test_an_untrained_one_shot_network_shows_the_bent_photograph():
    model = swap.build(ONE)
    shown = np.random.default_rng(1).integers(0, 255, (1, 32, 32, 8)).astype(np.float32)
    made = np.asarray(model(shown))
    assert made[..., :3] == pytest.approx(shown[..., :3] / 255, abs=0.05)


def test_impossible_configurations_are_named():
    with pytest.raises(ConfigError, match="side must be a multiple of 16"):
        SwapConfig(side=40)
    with pytest.raises(UnknownName, match="encoder, one_shot, pair"):
        SwapConfig(kind="pairs")
