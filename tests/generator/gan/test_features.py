import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.generator.gan.distance import kid
from catchlight.generator.gan.features import RandomFeatures, features_by

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def features():
    return RandomFeatures()


def test_the_random_network_is_always_the_same(features, hand_drawn):
    images = hand_drawn(range(3))
    found = features(images)
    assert found.shape == (3, 352)
    assert RandomFeatures()(images) == pytest.approx(found, rel=1e-4, abs=1e-5)


def test_distances_follow_quality(features, hand_drawn):
    """Worse pictures of the same kind lie farther away, by degrees."""
    real, other = hand_drawn(range(40)), hand_drawn(range(100, 140))
    noise = np.random.default_rng(1).normal(0, 1, other.shape)
    found = [
        kid(features(np.clip(other + much * noise, 0, 255).astype(np.uint8)), features(real))
        for much in (0, 60, 120)
    ]
    assert found == sorted(found)
    assert found[0] < 0.2 * found[1]


def test_weights_that_are_none_are_named(tmp_path):
    path = tmp_path / "weights.h5"
    path.write_bytes(b"no weights")
    with pytest.raises(ConfigError, match="holds no weights of MobileNetV2"):
        features_by(path)


def test_without_weights_the_measure_says_that_it_is_random():
    assert features_by(None).name == "random_convolutions"


@pytest.mark.shared
@pytest.mark.slow
def test_imagenet_features(shared_data, hand_drawn):
    (weights,) = (shared_data / "backbones").glob("mobilenet_v2*.h5")
    found = features_by(weights)
    assert (found.name, found(hand_drawn(range(2))).shape) == ("mobilenet_v2", (2, 1280))
