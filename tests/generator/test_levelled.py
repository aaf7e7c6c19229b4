"""Pairs of equal sharpness."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.datasets.batches import Pair
from catchlight.detector.types import Pixels
from catchlight.generator.levelled import LevelledPairs, energy, level

SIDE = 96


def _real(seed: int) -> Pixels:
    grain = np.random.default_rng(seed).normal(128, 40, (SIDE, SIDE, 3))
    return np.clip(cv2.GaussianBlur(grain, (0, 0), 0.6), 0, 255).astype(np.uint8)


def _soft(image: Pixels) -> Pixels:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.6), np.uint8)


def _pair(seed: int, softer: str) -> Pair:
    """A pair of two pictures with much the same detail, one softer, and a disc in which the fake counts as altered."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    cv2.circle(mask, (SIDE // 2, SIDE // 2), SIDE // 3, 1.0, -1)
    real, fake = _real(seed), _real(seed + 1000)
    fake = np.where(mask[..., None] > 0, fake, real).astype(np.uint8)
    return Pair(_soft(real), fake, mask) if softer == "real" else Pair(real, _soft(fake), mask)


@pytest.mark.parametrize("softer", ["real", "fake"])
def test_detail_in_the_forged_region_becomes_equal(softer: str) -> None:
    before, after = [], []
    for seed in range(12):
        pair = _pair(seed, softer)
        made = level(pair, np.random.default_rng(seed))
        before.append(energy(pair.fake, pair.mask) - energy(pair.real, pair.mask))
        after.append(energy(made.fake, made.mask) - energy(made.real, made.mask))
    assert np.abs(before).min() > 1.0
    assert np.abs(after).max() < 0.4


def test_either_member_is_changed_by_a_coin() -> None:
    pairs = [
        (_pair(seed, "fake"), level(_pair(seed, "fake"), np.random.default_rng(seed))) for seed in range(16)
    ]
    fakes = sum(not np.array_equal(old.fake, new.fake) for old, new in pairs)
    reals = sum(not np.array_equal(old.real, new.real) for old, new in pairs)
    assert fakes + reals == 16
    assert 3 <= fakes <= 13


def test_a_fake_stays_real_outside_its_mask() -> None:
    for seed in range(8):
        pair = _pair(seed, "fake")
        made = level(pair, np.random.default_rng(seed))
        if not np.array_equal(made.fake, pair.fake):
            outside = pair.mask == 0
            np.testing.assert_array_equal(made.fake[outside], pair.fake[outside])
            np.testing.assert_array_equal(made.real, pair.real)


def test_nothing_forged_is_nothing_to_level() -> None:
    pair = _pair(1, "fake")
    empty = Pair(pair.real, pair.fake, np.zeros_like(pair.mask))
    assert level(empty, np.random.default_rng(1)) is empty


@pytest.mark.parametrize(
    "picture", [np.zeros((SIDE, SIDE, 3), np.uint8), np.full((SIDE, SIDE, 3), 255, np.uint8)]
)
def test_pictures_without_detail_stay_finite(picture: Pixels) -> None:
    made = level(Pair(picture, _real(1), np.ones((SIDE, SIDE), np.float32)), np.random.default_rng(3))
    assert np.isfinite([energy(made.real, made.mask), energy(made.fake, made.mask)]).all()


def test_a_share_of_pairs_stays_as_it_is() -> None:
    class Source:
        def pair(self, side: int, rng: np.random.Generator) -> Pair:
            return _pair(int(rng.integers(1000)), "fake")

    changed = 0
    for seed in range(40):
        plain = Source().pair(SIDE, np.random.default_rng(seed))
        made = LevelledPairs(Source(), share=0.5).pair(SIDE, np.random.default_rng(seed))
        changed += not (np.array_equal(plain.fake, made.fake) and np.array_equal(plain.real, made.real))
    assert 10 <= changed <= 30


def test_the_same_seed_gives_the_same_pair() -> None:
    one, two = (level(_pair(4, "fake"), np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(one.fake, two.fake)
    np.testing.assert_array_equal(one.real, two.real)
