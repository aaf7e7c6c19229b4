"""MobileNetV2 with two heads: shapes, normalisation inside, weights from a file."""

import numpy as np
import pytest

from catchlight.detector.models import heads, mobilenet

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def model():
    return mobilenet.build(96)


def test_it_gives_a_score_and_a_map(model):
    images = np.random.default_rng(1).integers(0, 256, (2, 96, 96, 3)).astype(np.uint8)
    made = model.predict(images, verbose=0)
    assert made["score"].shape == (2, 1)
    assert made["heatmap"].shape == (2, 6, 6, 1)
    assert all(((values >= 0) & (values <= 1)).all() for values in made.values())


def test_normalisation_lies_inside(model):
    (rescaling,) = [layer for layer in model.layers if type(layer).__name__ == "Rescaling"]
    scaled = np.asarray(rescaling(np.array([[0.0, 255.0]], np.float32)))
    assert scaled == pytest.approx(np.array([[-1.0, 1.0]]))


def test_moving_statistics_follow_within_hundreds_of_steps(model):
    momenta = {layer.momentum for layer in model.layers if hasattr(layer, "momentum")}
    assert momenta == {heads.BATCH_NORM_MOMENTUM}
    assert 0.97 <= heads.BATCH_NORM_MOMENTUM <= 0.99


def test_weights_of_the_backbone_are_loaded(tmp_path):
    import keras

    file = tmp_path / "backbone.weights.h5"
    backbone = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(96, 96, 3))
    backbone.save_weights(file)
    loaded = mobilenet.build(64, file).get_layer("block_5_expand").get_weights()[0]
    assert np.array_equal(loaded, backbone.get_layer("block_5_expand").get_weights()[0])
