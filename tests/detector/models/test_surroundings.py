"""What the sharpness of the surroundings explains is taken from the score, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector.errors import TrainingError
from catchlight.detector.export import to_tflite
from catchlight.detector.models import mobilenet
from catchlight.detector.models.surroundings import ACROSS, ALONG, discounted
from catchlight.detector.runtime import Network

pytestmark = pytest.mark.train
SIDE = 64


@pytest.fixture(scope="module")
def meter():
    """A network that calls soft pictures forged and knows nothing else."""
    import keras
    from keras import ops

    inputs = keras.Input((SIDE, SIDE, 3), name="image")
    steps = keras.layers.Lambda(lambda x: ops.mean(ops.abs(x[:, 1:] - x[:, :-1]), axis=(1, 2)))(inputs)
    features = keras.layers.Lambda(lambda x: ops.log(x + 1.0))(steps)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(features)
    model = keras.Model(inputs, {"score": score})
    model.get_layer("score").set_weights([np.full((3, 1), -0.5, np.float32), np.array([3.0], np.float32)])
    return model


def pictures(count, seed):
    """Noise as soft as cameras are: sigma 0.3 to 3 px."""
    rng = np.random.default_rng(seed)
    return np.stack(
        [
            cv2.GaussianBlur(rng.integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8), (0, 0), sigma)
            for sigma in rng.uniform(0.3, 3.0, count)
        ]
    )


def inside():
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    far = np.hypot((columns / SIDE - 0.5) / ACROSS, (rows / SIDE - 0.5) / ALONG)
    return (far < 0.8)[..., None]


def logits(model, crops):
    score = model.predict_on_batch(crops)["score"][:, 0].astype(np.float64)
    return np.log(score) - np.log1p(-score)


def softened(crops, where=True):
    soft = np.stack([cv2.GaussianBlur(crop, (0, 0), 1.5) for crop in crops])
    return np.where(where, soft, crops)


def test_a_soft_picture_no_longer_looks_forged(meter):
    fair, shown = discounted(meter, [pictures(60, 1), pictures(20, 2)]), pictures(40, 3)
    rise = {model: np.mean(logits(model, softened(shown)) - logits(model, shown)) for model in (meter, fair)}
    assert rise[meter] > 0.3
    assert abs(rise[fair]) < 0.15 * rise[meter]


def test_a_face_softer_than_its_surroundings_still_does(meter):
    fair, shown = discounted(meter, [pictures(80, 1)]), pictures(40, 3)
    forged = softened(shown, inside())
    rise = [np.mean(logits(model, forged) - logits(model, shown)) for model in (meter, fair)]
    assert rise[1] == pytest.approx(rise[0], rel=0.1)


def test_the_mean_of_the_real_faces_stays(meter):
    reals = pictures(50, 4)
    assert logits(discounted(meter, [reals]), reals).mean() == pytest.approx(
        logits(meter, reals).mean(), abs=1e-3
    )


def test_the_heatmap_stays_and_the_compiled_network_says_the_same():
    import keras

    keras.utils.set_random_seed(1)
    model, crops = mobilenet.build(SIDE), pictures(24, 5)
    fair = discounted(model, [crops])
    assert fair.output_names == model.output_names
    made = fair.predict_on_batch(crops[:3])
    np.testing.assert_allclose(made["heatmap"], model.predict_on_batch(crops[:3])["heatmap"], atol=1e-5)
    compiled = Network(to_tflite(fair)["float"])
    np.testing.assert_allclose(compiled.run(crops[:3])[0], made["score"][:, 0], atol=2e-3)


def test_a_few_faces_are_too_few(meter):
    with pytest.raises(TrainingError, match="at least 20 real faces"):
        discounted(meter, [pictures(3, 1)])


def test_a_network_that_came_apart_is_told(meter):
    kernel, bias = meter.get_layer("score").get_weights()
    meter.get_layer("score").set_weights([np.full_like(kernel, np.nan), bias])
    try:
        with pytest.raises(TrainingError, match="not finite"):
            discounted(meter, [pictures(30, 1)])
    finally:
        meter.get_layer("score").set_weights([kernel, bias])
