import numpy as np
import pytest

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.generator.networks import motion, stored
from catchlight.generator.networks.motion import MotionConfig, sampled

pytestmark = pytest.mark.train
TINY = MotionConfig(side=32, points=2, width=4)
STILL = np.float32([[1, 0, 0, 0, 1, 0]] * 2)
RNG = np.random.default_rng(1)
PICTURE = RNG.uniform(0, 255, (1, 32, 32, 3)).astype(np.float32)
PLACES, SHUT = np.float32([[[-0.3, 0], [0.3, 0]]]), np.zeros((1, 32, 32, 1), np.float32)


@pytest.fixture(scope="module")
def network():
    import keras

    keras.utils.set_random_seed(1)
    return motion.build(TINY)


def made(network, maps):
    return np.asarray(network([PICTURE, maps[None].astype(np.float32), PLACES, SHUT]))[0]


def test_untrained_it_keeps_what_stands_still(network):
    out = made(network, STILL)
    assert out.shape == (32, 32, motion.CHANNELS)
    assert np.abs(255 * out[..., :3] - PICTURE[0]).mean() < 3


def test_untrained_it_moves_by_its_maps_near_the_key_points_and_stands_far_away(network):
    shift = STILL + np.float32([0, 0, 0.25, 0, 0, 0])  # 4 pixels: from the right
    where = made(network, shift)[..., 6:8]
    still = made(network, STILL)[..., 6:8]
    apart = where - still
    assert apart[16, 16, 0] == pytest.approx(0.25, abs=0.02)
    assert np.abs(apart[0]).max() < 0.03
    assert np.abs(apart[..., 1]).max() < 0.03


def test_bilinear_sampling_is_that_of_opencv():
    import cv2

    image = RNG.uniform(0, 1, (2, 8, 10, 3)).astype(np.float32)
    where = RNG.uniform(-1.3, 1.3, (2, 6, 5, 2)).astype(np.float32)
    found = np.asarray(sampled(image, where))
    for picture, places, got in zip(image, where, found, strict=True):
        u, v = (places[..., 0] + 1) * 5 - 0.5, (places[..., 1] + 1) * 4 - 0.5
        assert got == pytest.approx(
            cv2.remap(picture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), abs=0.03
        )


def test_what_was_stored_moves_the_same(network, tmp_path):
    stored.save(network, TINY, tmp_path / "motion.npz")
    again, config = motion.load(tmp_path / "motion.npz")
    assert config == TINY
    assert made(again, STILL) == pytest.approx(made(network, STILL), abs=0.02)


def test_damage_is_named(tmp_path):
    (tmp_path / "motion.npz").write_bytes(b"PK no")
    with pytest.raises(BundleError, match="no motion network can be read .* train-generator motion"):
        motion.load(tmp_path / "motion.npz")


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="multiple of 16"):
        MotionConfig(side=40)
