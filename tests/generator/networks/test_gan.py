import numpy as np
import pytest

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.generator.networks import augment, gan, stored
from catchlight.generator.networks.gan import GanConfig

pytestmark = pytest.mark.train
TINY = GanConfig(side=32, latent=8, generator=8, discriminator=4)


@pytest.fixture(scope="module")
def maker():
    return gan.generator(TINY)


def noise(count=2):
    return np.random.default_rng(1).standard_normal((count, TINY.latent), np.float32)


@pytest.mark.parametrize("side", [32, 64, 128])
def test_generator_and_discriminator_are_of_one_size(side):
    config = GanConfig(side=side, latent=4, generator=8, discriminator=2)
    assert gan.generator(config).output_shape == (None, side, side, 3)
    assert gan.discriminator(config).input_shape == (None, side, side, 3)


def test_other_latents_give_other_pictures_in_range(maker):
    made = np.asarray(maker(noise()))
    assert np.abs(made).max() <= 1
    assert np.abs(made[0] - made[1]).max() > 1e-3


def values(network):
    return np.concatenate([np.asarray(v).ravel() for v in network.trainable_variables])


@pytest.mark.parametrize(("part", "learns"), [(slice(0, 6), "judge"), (slice(6, 8), "generator")])
def test_each_network_learns_from_its_own_part_of_the_logits(part, learns):
    import keras

    networks = {
        "generator": gan.generator(TINY),
        "judge": gan.discriminator(TINY),
        "twin": gan.discriminator(TINY, "twin"),
    }
    networks["twin"].trainable = False
    game = gan.game(*networks.values(), TINY)
    rng = np.random.default_rng(1)
    real = rng.uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32)
    inputs = [noise(), real, real, *augment.draw(rng, 2, 32), *augment.draw(rng, 2, 32)]
    before = {name: values(networks[name]) for name in ("generator", "judge")}
    twin = networks["twin"].get_weights()
    game.compile(keras.optimizers.SGD(0.1), lambda _, out: keras.ops.sum(keras.ops.square(out[part] - 1)))
    game.train_on_batch(inputs, np.zeros((8, 1), np.float32))
    changed = {name for name, old in before.items() if np.abs(values(networks[name]) - old).max() > 1e-7}
    assert changed == {learns}
    assert all(np.array_equal(a, b) for a, b in zip(twin, networks["twin"].get_weights(), strict=True))


def test_what_was_stored_draws_the_same(maker, tmp_path):
    stored.save(maker, TINY, tmp_path / "generator.npz")
    again, config = gan.load(tmp_path / "generator.npz")
    assert config == TINY
    assert np.asarray(again(noise())) == pytest.approx(np.asarray(maker(noise())), abs=0.02)


def test_damage_is_named(tmp_path):
    (tmp_path / "generator.npz").write_bytes(b"PK no")
    with pytest.raises(BundleError, match="no generator can be read .* train-generator gan"):
        gan.load(tmp_path / "generator.npz")


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="32, 64, 128 or 256"):
        GanConfig(side=48)
