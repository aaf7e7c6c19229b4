"""Real pictures that were handled: both real, alike in content, unlike in quality."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.datasets.batches import batch
from catchlight.generator.harmless import HANDLINGS, HarmlessPairs, handled
from catchlight.generator.pairs import sources
from catchlight.generator.tiers import TierConfig, training_tiers, validation_set


def test_neither_of_a_pair_is_forged(face_store):
    pairs = HarmlessPairs(sources(face_store, "train"))
    for seed in range(8):
        pair = pairs.pair(96, np.random.default_rng(seed))
        assert not pair.forged
        assert not pair.mask.any()
        assert pair.real.shape == pair.fake.shape == (96, 96, 3)


def test_the_same_key_gives_the_same_pair(face_store):
    pairs = HarmlessPairs(sources(face_store, "train"))
    first, again = (pairs.pair(64, np.random.default_rng(5)) for _ in range(2))
    assert (first.real == again.real).all()
    assert (first.fake == again.fake).all()


@pytest.mark.parametrize("number", range(len(HANDLINGS)))
def test_each_handling_changes_the_picture_and_keeps_what_it_shows(number, astronaut):
    face = np.ascontiguousarray(astronaut[40:200, 140:300])
    changed = HANDLINGS[number](face, np.random.default_rng(number))
    assert changed.dtype == np.uint8
    assert changed.shape == face.shape
    assert (changed != face).any()
    assert np.corrcoef(changed.ravel(), face.ravel())[0, 1] > 0.8


def test_handling_draws_from_all_ways(astronaut):
    face = np.ascontiguousarray(astronaut[40:168, 140:268])
    made = {handled(face, np.random.default_rng(seed)).tobytes() for seed in range(20)}
    assert len(made) == 20


def test_a_batch_says_that_both_are_real_and_validation_leaves_them_out(face_store):
    config = TierConfig(pairs={"self_blend": 1, "harmless": 2}, histories=0.0, validation_batches=1)
    _, targets = batch(training_tiers(face_store, config), 64, "a", 0.0)
    assert targets["score"].ravel().tolist() == [0, 1, 0, 0, 0, 0]
    assert not targets["heatmap"][2:].any()
    assert set(validation_set(face_store, config, 64, seed=1).families) == {"self_blend"}
