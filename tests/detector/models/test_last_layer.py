"""The last layer, fitted anew."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector import metrics
from catchlight.detector.errors import TrainingError
from catchlight.detector.models import last_layer
from catchlight.detector.models.last_layer import Examples, balanced

pytestmark = pytest.mark.train
SIDE = 4


@pytest.fixture
def reader():
    """A network whose features are brightness in red and in green, and whose score reads red alone."""
    import keras

    inputs = keras.Input((SIDE, SIDE, 3))
    features = keras.layers.Lambda(lambda x: keras.ops.mean(x, axis=(1, 2))[:, :2] / 255)(inputs)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(features)
    model = keras.Model(inputs, {"score": score})
    model.get_layer("score").set_weights([np.array([[9.0], [0.0]], np.float32), np.array([-4.5], np.float32)])
    return model


def crops(group, red, green, labels):
    images = np.zeros((len(labels), SIDE, SIDE, 3), np.uint8)
    images[..., 0], images[..., 1] = red[:, None, None], green[:, None, None]
    return Examples(group, images, labels, np.ones(len(labels)))


def drawn(seed, group="any", amount=200, red_follows=False):
    """Fakes are greener; redder only where the shortcut holds."""
    rng = np.random.default_rng(seed)
    labels = np.tile([0, 1], amount // 2)
    green = np.clip(rng.normal(110 + 40 * labels, 15), 0, 255)
    red = np.clip(rng.normal(110 + 40 * labels * red_follows, 15), 0, 255)
    return crops(group, red, green, labels)


def auc(model, part):
    return metrics.auc(model.predict_on_batch(part.images)["score"][:, 0], part.labels)


def test_a_shortcut_is_unlearned_and_what_holds_everywhere_is_kept(reader):
    held_out = drawn(9)
    before = auc(reader, held_out)
    last_layer.refit(reader, [drawn(1, "with it", 400, True), drawn(2, "without")], strength=0.01)
    assert before < 0.65
    assert auc(reader, held_out) > 0.9


def test_half_of_balanced_examples_are_over_one_half(reader):
    last_layer.refit(reader, [drawn(1)], strength=1.0)
    scores = reader.predict_on_batch(drawn(3).images)["score"]
    assert 0.4 < np.mean(scores > 0.5) < 0.6


def test_a_large_group_counts_no_more_than_a_small_one():
    groups = np.array(["large"] * 6 + ["small"] * 2)
    labels = np.array([0, 0, 0, 0, 1, 1, 0, 1])
    made = balanced(groups, labels, np.ones(8))
    assert made[groups == "large"].sum() == pytest.approx(0.5)
    assert made[labels == 1].sum() == pytest.approx(0.5)


@pytest.mark.parametrize("given", [[], [crops("one", np.zeros(2), np.zeros(2), np.array([1, 1]))]])
def test_too_little_to_fit_is_told(given, reader):
    with pytest.raises(TrainingError, match="last layer"):
        last_layer.refit(reader, given, strength=0.01)


def test_features_that_are_not_finite_are_told(reader):
    import keras

    broken = keras.Model(
        reader.input,
        {"score": keras.layers.Dense(1, name="score")(keras.ops.log(reader.input[:, 0, 0] - 1.0))},
    )
    with pytest.raises(TrainingError, match="finite"):
        last_layer.refit(broken, [drawn(1)], strength=0.01)
