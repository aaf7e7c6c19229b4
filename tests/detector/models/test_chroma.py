"""Fine chroma is measured as the theory says; who is darker, or stands in warmer light, reads the same."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.export import to_tflite
from catchlight.detector.models import chroma, last_layer, mobilenet, texture
from catchlight.detector.models.jury import jury
from catchlight.detector.models.last_layer import Examples
from catchlight.detector.runtime import Network

SIDE = 64

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]


@pytest.fixture(scope="module")
def measured():
    import keras

    image = keras.Input((SIDE, SIDE, 3))
    model = keras.Model(image, chroma.energies(image))
    return lambda crops: np.asarray(model.predict_on_batch(np.asarray(crops, np.float32)))


@pytest.fixture(scope="module")
def crops():
    return np.random.default_rng(1).integers(0, 256, (4, SIDE, SIDE, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def plain():
    import keras

    keras.utils.set_random_seed(1)
    return mobilenet.build(SIDE)


def test_noise_of_one_chroma_channel_has_its_variance_at_each_frequency(measured):
    """An orthonormal transform leaves white noise as it is: energy is variance, here of Cb alone."""
    noise = np.random.default_rng(2).normal(0, 5, (16, SIDE, SIDE, 1))
    blue_alone = noise * np.array([0.0, 0.0, 2.0])  # Cb = 0.5 B, Cr = -0.081 B
    parts = np.exp(measured(128 + blue_alone)).mean(0).reshape(2, 2, -1) - chroma.FLOOR
    for region in parts:
        assert region[0].mean() == pytest.approx(25, rel=0.1)
        assert region[1].mean() == pytest.approx(25 * 0.162**2, rel=0.1)


def test_light_and_skin_tone_say_nothing(measured):
    rng = np.random.default_rng(3)
    grain = rng.normal(0, 3, (1, SIDE, SIDE, 3))
    pale, dark = np.array([224, 190, 170]), np.array([90, 60, 45])
    from_left = np.linspace(-25, 25, SIDE)[None, None, :, None] * np.array([1.0, 0.9, 0.6])
    seen = measured(np.concatenate([pale + grain, dark + grain, dark + grain + from_left]))
    np.testing.assert_allclose(seen[1], seen[0], atol=0.02)
    np.testing.assert_allclose(seen[2], seen[0], atol=0.1)


def test_brightness_alone_has_no_chroma(measured):
    grey = np.random.default_rng(4).integers(0, 256, (2, SIDE, SIDE, 1)) * np.ones(3)
    np.testing.assert_allclose(measured(grey), np.log(chroma.FLOOR), atol=0.02)


def test_the_inner_face_and_the_rest_are_told_apart(measured):
    crop = np.full((1, SIDE, SIDE, 3), 128.0)
    crop[0, 24:40, 24:40] += np.random.default_rng(5).normal(0, 20, (16, 16, 3))
    inner, rest = measured(crop)[0].reshape(2, -1)
    assert inner.mean() > 2 > np.log(chroma.FLOOR) + 0.01 > rest.mean()


def test_it_says_at_first_what_it_said(plain, crops):
    before, after = plain.predict_on_batch(crops), chroma.chromatic(plain).predict_on_batch(crops)
    assert set(after) == set(before)
    for name in before:
        np.testing.assert_allclose(after[name], before[name], atol=1e-6)


def test_chroma_is_added_once(plain):
    model = chroma.chromatic(plain)
    assert chroma.chromatic(model) is model


def test_chroma_tells_what_the_fit_is_shown(plain):
    """Two kinds of grain of the same brightness, one of which is grey."""
    model = chroma.chromatic(plain)
    rng = np.random.default_rng(6)
    grey = 128 + rng.normal(0, 6, (24, SIDE, SIDE, 1)) * np.ones(3)
    coloured = grey + rng.normal(0, 6, (24, SIDE, SIDE, 1)) * np.array([1.0, -0.66, 0.83])
    images = np.clip(np.concatenate([grey, coloured]), 0, 255).astype(np.uint8)
    labels, order = np.repeat([0, 1], 24), np.r_[0:12, 24:36]
    last_layer.refit(model, [Examples("grain", images[order], labels[order], np.ones(24))], strength=0.1)
    scores = model.predict_on_batch(images)["score"][:, 0]
    assert scores[36:].min() > scores[12:24].max()


def test_one_beside_a_network_that_reads_texture_alone_fits_one_compiled_network(plain, crops):
    both = jury([chroma.chromatic(texture.textured(plain)), texture.build(SIDE)])
    network = Network(to_tflite(both)["float"], threads=1)
    score = both.predict_on_batch(crops)["score"][:, 0]
    np.testing.assert_allclose(network.run(crops)[0], score, atol=5e-3)
