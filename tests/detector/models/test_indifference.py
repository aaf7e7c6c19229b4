"""Directions that a last layer must not follow."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import TrainingError
from catchlight.detector.models import last_layer
from catchlight.detector.models.indifference import LEAST, Varied, basis, directions
from catchlight.detector.models.last_layer import Examples, Reading

RNG = np.random.default_rng


def faces(name, values, amounts, alike="all"):
    """Crops of one pixel, whose channels are the features."""
    images = np.asarray(values, np.uint8)[:, None, None, :]
    return Varied(images, np.broadcast_to(alike, len(images)).astype(str), {name: np.asarray(amounts, float)})


def pixel(images):
    return images[:, 0, 0].astype(np.float32)


def test_a_trait_points_where_faces_of_one_collection_differ_by_it():
    """What collections differ in is not the trait's: here lighter people were photographed by the redder camera."""
    light = RNG(1).uniform(0, 100, 200)
    collection = np.repeat(["a", "b"], 100)
    light[100:] += 100
    red = np.where(collection == "b", 200, 20) + RNG(2).normal(0, 3, 200)
    values = np.stack([red, light, RNG(3).uniform(0, 50, 200)], axis=1)
    found = directions(pixel, [faces("light", values, light, collection)])[:, 0]
    assert found.shape == (3,)
    assert found[1] > 20 * max(abs(found[0]), abs(found[2]))


def test_a_handling_points_from_faces_to_what_it_makes_of_them():
    before = RNG(4).integers(0, 200, (30, 3))
    after = before + np.array([10, 0, 40])
    shown = faces("noise", np.concatenate([before, after]), np.repeat([0.0, 1.0], 30))
    found = directions(pixel, [shown])[:, 0]
    np.testing.assert_allclose(found / found[2], [0.25, 0, 1], atol=1e-9)


def test_parts_of_one_name_give_what_the_whole_gives():
    values, amounts = RNG(5).integers(0, 255, (60, 3)), RNG(6).normal(size=60)
    whole = directions(pixel, [faces("x", values, amounts)])
    parts = [faces("x", values[i : i + 7], amounts[i : i + 7]) for i in range(0, 60, 7)]
    np.testing.assert_allclose(directions(pixel, parts), whole)


def test_names_are_columns_in_their_order():
    one, two = (
        faces(n, np.eye(3)[[k] * 20 + [2] * 20] * 9, np.repeat([1.0, 0.0], 20)) for k, n in enumerate("ab")
    )
    found = directions(pixel, [one, two, one])
    assert found.shape == (3, 2)
    assert found[1, 0] == found[0, 1] == 0 < found[0, 0]


def test_who_takes_no_part_in_a_name_does_not_count_for_it():
    values, amounts = RNG(5).integers(0, 255, (60, 3)), RNG(6).normal(size=60)
    some = Varied(
        values.astype(np.uint8)[:, None, None, :],
        np.full(60, "all"),
        {"some": np.where(np.arange(60) < 30, amounts, np.nan), "all": amounts},
    )
    found = directions(pixel, [some])
    np.testing.assert_allclose(found[:, 0], directions(pixel, [faces("x", values[:30], amounts[:30])])[:, 0])
    np.testing.assert_allclose(found[:, 1], directions(pixel, [faces("x", values, amounts)])[:, 0])


@pytest.mark.parametrize("given", [[], [faces("dark", np.zeros((LEAST - 1, 3)), np.zeros(LEAST - 1))]])
def test_too_few_faces_are_told(given):
    with pytest.raises(TrainingError, match=rf"on {LEAST} real faces or more each, received (none|dark: 19)"):
        directions(pixel, given)


def test_features_that_are_not_finite_are_told():
    with (
        pytest.raises(TrainingError, match="not finite"),
        np.errstate(invalid="ignore"),
    ):
        directions(
            lambda images: np.full((len(images), 2), np.inf, np.float32),
            [faces("x", np.zeros((20, 3)), np.arange(20.0))],
        )


def test_the_basis_is_orthonormal_and_leaves_out_what_repeats_or_is_nothing():
    measured = np.array([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0], [0.0, 0.0, 0.0, 3.0]])
    found = basis(measured, np.array([1.0, 1.0, 2.0]))
    assert found.shape == (3, 2)
    np.testing.assert_allclose(found.T @ found, np.eye(2), atol=1e-12)
    assert basis(np.zeros((3, 2)), np.ones(3)).shape == (3, 0)


def reading(dark_fakes=True, amount=2000):
    """Fakes are greener; they are darker, too, where the tools of training happened to show darker people."""
    rng = RNG(7)
    labels = np.tile([0, 1], amount // 2)
    features = rng.normal(0, 1, (amount, 3)).astype(np.float32)
    features[:, 1] += 0.8 * labels
    features[:, 0] -= 1.5 * labels * dark_fakes
    return Reading(features, labels, np.full(amount, "all"), np.ones(amount), np.full(amount, ""))


def test_a_last_layer_without_a_direction_is_blind_to_it():
    light = np.array([[1.0], [0.0], [0.0]])
    before, _ = last_layer.fitted(reading(), 1.0)
    after, _ = last_layer.fitted(reading(), 1.0, ignored=light)
    assert before[0, 0] < -0.8
    assert abs(after[0, 0]) < 1e-6
    assert after[1, 0] > 0.5


def test_what_does_not_lie_in_the_direction_is_weighed_as_before():
    light = np.array([[1.0], [0.0], [0.0]])
    fair = reading(dark_fakes=False)
    np.testing.assert_allclose(
        last_layer.fitted(fair, 1.0, ignored=light)[0][1:], last_layer.fitted(fair, 1.0)[0][1:], atol=0.02
    )


@pytest.mark.train
def test_a_refitted_network_does_not_follow_the_light():
    import keras

    inputs = keras.Input((4, 4, 3))
    mean = keras.layers.Lambda(lambda x: keras.ops.mean(x, axis=(1, 2)) / 255)(inputs)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(mean)
    model = keras.Model(inputs, {"score": score})
    rng, labels = RNG(8), np.tile([0, 1], 200)

    def crops(light, green):
        colour = light[:, None] + np.outer(green, [0, 1, 0])
        return np.clip(colour, 0, 255).astype(np.uint8)[:, None, None].repeat(4, 1).repeat(4, 2)

    forged = crops(rng.normal(150 - 60 * labels, 10), rng.normal(20 * labels, 5))
    amounts = rng.uniform(50, 200, 100)
    people = crops(amounts, np.zeros(100))
    last_layer.refit(
        model,
        [Examples("all", forged, labels, np.ones(400))],
        1.0,
        indifferent=[Varied(people, np.full(100, "all"), {"light": amounts})],
    )
    said = model.predict_on_batch(people)["score"][:, 0]
    assert np.ptp(np.log(said / (1 - said))) < 0.05
    half = model.predict_on_batch(forged)["score"][:, 0] > 0.5
    assert np.mean(half == labels) > 0.9
