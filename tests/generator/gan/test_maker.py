import numpy as np
import pytest

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.generator.gan.maker import FaceMaker
from catchlight.generator.networks.kinds import WEIGHTS

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def maker(untrained_gan):
    return FaceMaker(untrained_gan)


def test_a_seeds_faces_are_the_same_however_many_are_drawn(maker):
    few, many = maker.faces(2, seed=5), maker.faces(4, seed=5)
    assert few.shape == (2, 32, 32, 3)
    assert np.array_equal(few, many[:2])
    assert not np.array_equal(few, maker.faces(2, seed=6))


def test_it_draws_what_the_network_draws(untrained_gan, maker):
    from catchlight.generator.networks import gan
    from catchlight.generator.networks.train_gan import drawn

    model, config = gan.load(untrained_gan.with_name("generator.npz"))
    assert maker.side == config.side
    noise = np.random.default_rng(1).standard_normal((3, config.latent), np.float32)
    assert np.abs(maker(noise).astype(int) - drawn(model, noise)).max() <= 2


def test_truncation_draws_towards_the_mean_face(maker):
    def variety(by):
        return maker.faces(8, truncation=by).astype(float).std(axis=0).mean()

    assert variety(0.2) < 0.6 * variety(1.0)


@pytest.mark.parametrize(("count", "truncation"), [(0, 0.5), (1, 0.0), (1, 1.5)])
def test_numbers_out_of_range_are_refused(maker, count, truncation):
    with pytest.raises(ConfigError, match="count must be at least 1 and truncation above 0"):
        maker.faces(count, truncation=truncation)


def test_another_network_is_refused():
    with pytest.raises(BundleError, match="no compiled generator: it takes .*train-generator gan"):
        FaceMaker(WEIGHTS / "one_shot.tflite")
