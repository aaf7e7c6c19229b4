"""The loss for pairs: what it rewards, what leaves it alone, and that a network learns by it."""

import numpy as np
import pytest

from catchlight.detector.pair_loss import anchored

pytestmark = pytest.mark.train

PAIRS = np.array([[0.0], [1.0], [0.0], [1.0]], np.float32)


def probabilities(*logits):
    return (1 / (1 + np.exp(-np.array(logits, np.float32))))[:, None]


def loss(*logits, labels=PAIRS, weight=0.25):
    return float(anchored(weight)(labels, probabilities(*logits)))


def test_it_falls_as_fakes_rise_above_their_own_real_pictures():
    assert loss(0, 0, 0, 0) > loss(0, 1, 0, 1) > loss(0, 4, 0, 4)
    assert loss(0, 0, 0, 0) == pytest.approx(np.log(2))


def test_only_ones_own_real_picture_counts_for_the_rank():
    """The second fake is below the first real picture, and above its own."""
    assert loss(2, 4, -2, 0) == pytest.approx(loss(-2, 0, 2, 4))
    assert loss(2, 4, -2, 0) < loss(2, 0, -2, 4)


def test_a_clear_real_picture_gains_nothing_by_falling_below_the_level():
    """By cross-entropy the second is better: so an unknown clear forgery falls below bad photographs."""
    assert loss(0, 6, 0, 6) < loss(-3, 3, -3, 3)


def test_real_pictures_are_held_on_both_sides_alike():
    assert loss(1, 3, 1, 3) == pytest.approx(loss(-1, 1, -1, 1))


def test_which_comes_first_in_a_pair_does_not_matter():
    assert loss(3, 0, 3, 0, labels=1 - PAIRS) == pytest.approx(loss(0, 3, 0, 3))


def test_two_real_pictures_have_no_rank_but_the_same_level():
    labels = np.array([[0.0], [1.0], [0.0], [0.0]], np.float32)
    assert loss(0, 3, 0, 0, labels=labels) == pytest.approx(loss(0, 3, 0, 3))
    assert loss(0, 3, 1, 0, labels=labels) == pytest.approx(loss(0, 3, 0, 1, labels=labels))
    assert loss(0, 3, 0, 1, labels=labels) > loss(0, 3, 0, 0, labels=labels)
    assert loss(1, 0, labels=np.zeros((2, 1), np.float32)) == pytest.approx(0.25 / 2)


@pytest.mark.parametrize("logits", [(0, 60, 0, 60), (60, -60, 60, -60)])
def test_it_is_finite_where_probabilities_are_nought_or_one(logits):
    assert np.isfinite(loss(*logits))


def test_a_network_learns_to_rank_and_keeps_real_pictures_at_one_level():
    """Quality moves both members of a pair; the forgery's sign moves one of them."""
    import keras

    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    quality, sign = np.repeat(rng.normal(size=(256, 1)), 2, axis=0), rng.normal(2, 1, (512, 1))
    labels = np.tile([[0.0], [1.0]], (256, 1))
    seen = np.hstack([quality, labels * sign]).astype(np.float32)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=keras.optimizers.Adam(0.1), loss=anchored(0.25))
    model.fit(seen, labels, batch_size=128, epochs=20, shuffle=False, verbose=0)
    (by_quality, by_sign), (level,) = (values.ravel() for values in model.get_weights())
    assert by_sign > 1
    assert abs(by_quality) < 0.1 > abs(level)
