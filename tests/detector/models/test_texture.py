"""A network that reads texture says at first what it said, and can then tell what late layers overlook."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.export import to_tflite
from catchlight.detector.models import last_layer, meso, mobilenet, texture
from catchlight.detector.models.jury import jury
from catchlight.detector.models.last_layer import Examples
from catchlight.detector.runtime import Network

SIDE = 64

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]


@pytest.fixture(scope="module")
def crops():
    return np.random.default_rng(1).integers(0, 256, (4, SIDE, SIDE, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def plain():
    import keras

    keras.utils.set_random_seed(1)
    return mobilenet.build(SIDE)


def test_it_says_at_first_what_it_said(plain, crops):
    before = plain.predict_on_batch(crops)
    after = texture.textured(plain).predict_on_batch(crops)
    assert set(after) == set(before)
    for name in before:
        np.testing.assert_allclose(after[name], before[name], atol=1e-6)


def test_the_last_layer_reads_mean_and_spread_of_each_channel(plain, crops):
    import keras

    read = last_layer.reader(texture.textured(plain)).predict_on_batch(crops)["features"]
    usual = last_layer.reader(plain).predict_on_batch(crops)["features"].shape[1]
    layer = keras.Model(plain.input, plain.get_layer(texture.LAYERS[0]).output).predict_on_batch(crops)
    channels = layer.shape[-1]
    np.testing.assert_allclose(read[:, usual : usual + channels], layer.mean((1, 2)), atol=1e-4)
    spread = read[:, usual + channels : usual + 2 * channels]
    np.testing.assert_allclose(spread, layer.std((1, 2)), atol=1e-2)


def test_texture_tells_what_the_fit_is_shown(plain):
    """Fine grain against coarse, of one mean: late layers at random see little of it."""
    model = texture.textured(plain)
    rng = np.random.default_rng(2)
    fine = rng.integers(0, 256, (24, SIDE, SIDE, 3)).astype(np.uint8)
    coarse = np.kron(rng.integers(0, 256, (24, 8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    labels = np.repeat([0, 1], 12)
    shown = Examples("grain", np.concatenate([fine[:12], coarse[:12]]), labels, np.ones(24))
    last_layer.refit(model, [shown], strength=0.1)
    scores = model.predict_on_batch(np.concatenate([fine[12:], coarse[12:]]))["score"][:, 0]
    assert scores[12:].min() > scores[:12].max()


def test_two_of_them_fit_one_bundle_and_its_compiled_network(plain, crops):
    both = jury([texture.textured(plain), texture.build(SIDE)])
    network = Network(to_tflite(both)["float"], threads=1)
    score = both.predict_on_batch(crops)["score"][:, 0]
    np.testing.assert_allclose(network.run(crops)[0], score, atol=5e-3)


def test_texture_is_added_once(plain):
    model = texture.textured(plain)
    assert texture.textured(model) is model


def test_a_network_without_such_layers_is_refused():
    with pytest.raises(ConfigError, match="block_1_expand_relu"):
        texture.textured(meso.build(SIDE))
