"""Training of autoencoders: it learns, resumes, and refuses NaN."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, DataError, TrainingError
from catchlight.generator.networks import critics
from catchlight.generator.networks.autoencoder import AutoencoderConfig
from catchlight.generator.networks.train_autoencoder import FitConfig, crops, fit, ssim

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]
TINY = AutoencoderConfig("nearest", 8, 4, 8)
SHORT = FitConfig(steps=2, batch=2, crop=32, checkpoint_every=1)


@pytest.fixture(scope="module")
def faces(astronaut):
    return [astronaut[:200, 130:330], astronaut[40:60, 200:230]]


def test_ssim_is_that_of_the_field(astronaut):
    from skimage.metrics import structural_similarity

    a = astronaut[:64, :80] / np.float32(255)
    b = np.clip(a + np.random.default_rng(1).normal(0, 0.05, a.shape), 0, 1).astype(np.float32)
    luma = [x @ np.array([0.299, 0.587, 0.114]) for x in (a, b)]
    expected = structural_similarity(*luma, win_size=7, data_range=1, use_sample_covariance=False)
    assert float(np.mean(ssim(a[None], b[None]))) == pytest.approx(expected, abs=1e-3)


def test_training_brings_the_loss_down(faces, traced):
    losses = []
    config = FitConfig(steps=40, batch=4, crop=32, warmup=5)
    fit(faces, TINY, config, report=lambda step, loss: losses.append(loss))
    assert np.mean(losses[-5:]) < 0.8 * losses[0]


@pytest.mark.slow
def test_a_variational_one_and_the_critics_train(faces):
    import keras

    pixels = keras.Input((None, None, 3))
    features = keras.Model(pixels, keras.layers.Conv2D(4, 3)(pixels))
    for network, critic in (
        (AutoencoderConfig("nearest", 8, 4, 8, variational=True), None),
        (TINY, critics.PatchCritic(width=4)),
        (TINY, critics.PerceptualCritic(features)),
    ):
        model = fit(faces, network, SHORT, critic)
        assert np.isfinite(model.predict_on_batch(np.zeros((1, 32, 32, 3), np.float32))).all()


def test_the_patch_critic_learns_and_its_twin_follows(traced):
    critic = critics.PatchCritic(width=4, rate=1e-2)
    real, made = np.ones((4, 16, 16, 3), np.float32), np.zeros((4, 16, 16, 3), np.float32)
    for _ in range(40):
        critic.learn(real, lambda: made)
    assert np.mean(critic.judge(real)) > np.mean(critic.judge(made)) + 0.3


def test_a_resumed_run_ends_where_an_unbroken_one_does(faces, tmp_path):
    whole = fit(faces, TINY, SHORT).get_weights()
    path = tmp_path / "run"
    batches = crops(faces, SHORT)

    def broken(rng):
        if path.exists():
            raise KeyboardInterrupt
        return batches(rng)

    with pytest.raises(KeyboardInterrupt):
        fit(broken, TINY, SHORT, checkpoint=path)
    resumed = fit(faces, TINY, SHORT, checkpoint=path).get_weights()
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(whole, resumed, strict=True))
    assert not path.exists()


def test_a_bad_checkpoint_is_named(faces, tmp_path):
    path = tmp_path / "run"
    path.write_bytes(b"no checkpoint")
    with pytest.raises(TrainingError, match="can't go on from checkpoint"):
        fit(faces, TINY, SHORT, checkpoint=path)


def test_nan_stops_training(faces):
    config = FitConfig(steps=9, batch=2, crop=32, rate=float("nan"), warmup=1)
    with pytest.raises(TrainingError, match=r"loss is nan at step [12]"):
        fit(faces, TINY, config)


def test_bad_pictures_are_refused():
    with pytest.raises(DataError, match="no pictures"):
        fit([], TINY, SHORT)
    with pytest.raises(DataError, match=r"not float64 \(32, 32, 3\)"):
        fit([np.zeros((32, 32, 3))], TINY, SHORT)


def test_an_impossible_crop_is_refused():
    with pytest.raises(ConfigError, match="multiple of 16"):
        FitConfig(crop=40)
