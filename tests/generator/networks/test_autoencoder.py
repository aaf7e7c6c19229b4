"""The autoencoders: shapes, weights that survive the disk, configurations that are refused."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import BundleError, ConfigError, UnknownName
from catchlight.generator.networks import autoencoder, stored
from catchlight.generator.networks.autoencoder import AutoencoderConfig

pytestmark = pytest.mark.train
TINY = AutoencoderConfig("nearest", 8, 4, 8)


@pytest.mark.parametrize("stride", [8, 16])
@pytest.mark.parametrize("decoder", ["pixel_shuffle", "transposed", "nearest", "bilinear"])
def test_every_decoder_gives_back_the_size(decoder, stride):
    model = autoencoder.build(AutoencoderConfig(decoder, stride, 4, 8))
    assert model.predict_on_batch(np.zeros((2, 32, 48, 3), np.float32)).shape == (2, 32, 48, 3)


@pytest.mark.parametrize("config", [{"variational": True}, {"noise": 0.1}])
def test_nothing_is_random_in_use(config):
    model = autoencoder.build(AutoencoderConfig("nearest", 8, 4, 8, **config))
    pixels = np.full((1, 32, 32, 3), 90, np.float32)
    assert np.array_equal(model.predict_on_batch(pixels), model.predict_on_batch(pixels))
    assert not np.array_equal(model(pixels, training=True), model(pixels, training=True))


def test_a_wrong_config_says_what_is_valid():
    with pytest.raises(UnknownName, match=r"'nearst'; did you mean 'nearest'"):
        AutoencoderConfig("nearst")
    with pytest.raises(ConfigError, match="8 or 16, but 4"):
        AutoencoderConfig(stride=4)
    with pytest.raises(ConfigError, match="0, 32, 4"):
        AutoencoderConfig(channels=0)


def test_weights_survive_the_disk_as_half_floats(tmp_path):
    model = autoencoder.build(TINY)
    stored.save(model, TINY, tmp_path / "tiny.npz")
    loaded, config = autoencoder.load(tmp_path / "tiny.npz")
    assert config == TINY
    pairs = zip(model.get_weights(), loaded.get_weights(), strict=True)
    assert all(np.allclose(a, b, atol=1e-3) for a, b in pairs)
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.npz"]


def test_what_is_no_autoencoder_is_named(tmp_path):
    (tmp_path / "tiny.npz").write_bytes(b"text")
    with pytest.raises(
        BundleError, match=r"no autoencoder can be read from .*tiny\.npz.*train the kind anew"
    ):
        autoencoder.load(tmp_path / "tiny.npz")
