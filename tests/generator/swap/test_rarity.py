"""Rare expressions weigh more, within bounds."""

import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.generator.swap.rarity import INNER_LIPS, MOST, rarity, traits


@pytest.fixture
def person(people):
    """Forty pictures of one person, who opens the mouth wide in the last two."""
    landmarks = people("a", 48, 40).landmarks.copy()
    landmarks += np.random.default_rng(3).normal(0, 0.1, landmarks.shape).astype(np.float32)
    landmarks[-2:, INNER_LIPS[1], 1] += 8
    return landmarks


def test_a_wide_mouth_is_drawn_more_often_than_its_share(person):
    weights = rarity(person)
    assert weights.sum() == pytest.approx(1)
    assert weights[-2:].sum() > 1.5 * 2 / 40
    assert weights[-2:].min() > np.median(weights[:-2])


def test_an_odd_one_among_many_does_not_rule(people):
    landmarks = people("a", 48, 60).landmarks.copy()
    landmarks[-1, INNER_LIPS[1], 1] += 20
    weights = rarity(landmarks)
    assert weights[-1] == pytest.approx(MOST * np.median(weights))


def test_size_and_place_of_the_face_are_no_expression(person):
    assert np.allclose(rarity(person), rarity(3 * person + 20), rtol=1e-3)


def test_a_turned_head_is_a_trait(person):
    turned = person.copy()
    turned[:, lm.NOSE_TIP, 0] += 5
    assert (np.abs(traits(turned)[:, 3]) > np.abs(traits(person)[:, 3])).all()
