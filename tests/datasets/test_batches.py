"""Batches: a real and its fake share jitter-free targets, history and place, and follow from the seed alone."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from catchlight.datasets import batches
from catchlight.datasets.batches import KnownPairs, Pair, Tier, batch, training_batches
from catchlight.datasets.faces import Store
from catchlight.detector import align
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.types import Pixels

SIDE = 64


class Twins:
    """Real and fake are one picture, so only their treatment could tell them apart."""

    def pair(self, side, rng):
        image = rng.integers(0, 256, (side, side, 3)).astype(np.uint8)
        mask = np.zeros((side, side), np.float32)
        mask[: side // 2] = 1
        return Pair(image, image.copy(), mask)


TWINS = (Tier("twins", 4, Twins()), Tier("more", 2, Twins()))


def test_real_and_fake_go_through_one_history():
    for seed in range(12):
        images, _ = batch(TWINS, SIDE, f"seed {seed}")
        assert np.array_equal(images[0::2], images[1::2])


def test_histories_do_something_and_can_be_left_out():
    plain, _ = batch(TWINS, SIDE, "a", histories=0.0)
    treated, _ = batch(TWINS, SIDE, "a")
    assert not np.array_equal(plain, treated)
    assert plain.std() == pytest.approx(256 / 12**0.5, abs=1)  # still the even noise that it was


def test_a_batch_may_be_dark_and_both_members_get_the_same_grain():
    plain, _ = batch(TWINS, SIDE, "a", histories=0.9)
    dark, _ = batch(TWINS, SIDE, "a", histories=0.9, grain=1.0)
    assert not np.array_equal(plain, dark)
    assert np.array_equal(dark[0::2], dark[1::2])


def test_shapes_and_targets():
    images, targets = batch(TWINS, SIDE, "a")
    assert (images.shape, images.dtype) == ((12, SIDE, SIDE, 3), np.uint8)
    assert targets["score"].ravel().tolist() == [0, 1] * 6
    assert targets["heatmap"].shape == (12, 4, 4, 1)
    assert targets["score"].dtype == targets["heatmap"].dtype == np.float32
    assert not targets["heatmap"][0::2].any()
    assert np.array_equal(targets["heatmap"][1, :, :, 0], np.repeat([1, 1, 0, 0], 4).reshape(4, 4))


def test_a_batch_follows_from_its_seed_and_slots_differ():
    first, second, other = (batch(TWINS, SIDE, seed)[0] for seed in ("a", "a", "b"))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    assert len({image.tobytes() for image in first[0::2]}) == 6


def test_another_tier_leaves_earlier_slots_alone():
    alone, _ = batch(TWINS[:1], SIDE, "a")
    together, _ = batch(TWINS, SIDE, "a")
    assert np.array_equal(alone, together[:8])


def test_side_must_fit_the_heatmap():
    with pytest.raises(ConfigError, match="multiple of 16, received 70"):
        batch(TWINS, 70, "a")


@pytest.mark.train
def test_epochs_differ_and_a_resumed_run_sees_what_it_would_have_seen():
    run = training_batches(TWINS, SIDE, steps=2, seed=1)
    assert len(run) == 2
    first = [run[step][0] for step in range(2)]
    run.on_epoch_end()
    second = [run[step][0] for step in range(2)]
    assert len({images.tobytes() for images in first + second}) == 4
    resumed = training_batches(TWINS, SIDE, steps=2, seed=1)
    resumed.epoch = 1
    assert all(np.array_equal(resumed[step][0], second[step]) for step in range(2))
    assert not np.array_equal(training_batches(TWINS, SIDE, 2, seed=2)[0][0], first[0])


def indices(store, label, kind="video"):
    return store.where(lambda s: s.label == label and s.kind == kind)


def test_known_fakes_come_with_a_real_picture(face_store):
    source = KnownPairs(face_store, indices(face_store, "fake"), indices(face_store, "real"))
    drawn = [source.pair(SIDE, np.random.default_rng(seed)) for seed in range(6)]
    assert all(pair.real.shape == pair.fake.shape == (SIDE, SIDE, 3) for pair in drawn)
    assert all((pair.mask == 1).all() for pair in drawn)
    assert len({pair.fake.tobytes() for pair in drawn}) > 1
    again = source.pair(SIDE, np.random.default_rng(3))
    assert np.array_equal(again.fake, drawn[3].fake)


def test_pairs_need_both_kinds(face_store):
    with pytest.raises(DataError, match="received 0 and 4"):
        KnownPairs(face_store, [], indices(face_store, "real"))


def test_cut_sample_is_the_crop_of_align(face_store):
    crop, points = batches.cut_sample(face_store, 0, 96, None)
    expected, landmarks = align.cut(face_store.image(0), face_store.landmarks[0], 96)
    assert np.array_equal(crop, expected)
    assert np.array_equal(points, landmarks)


def test_jitter_is_small_and_flips_half():
    drawn = [batches.draw_jitter(np.random.default_rng(seed)) for seed in range(200)]
    assert max(max(map(abs, jitter.shift)) for jitter in drawn) <= 0.04
    assert all(0.54 <= jitter.scale <= 1.12 and abs(jitter.angle) < 0.25 for jitter in drawn)
    assert 0.2 < np.mean([jitter.scale < 0.88 for jitter in drawn]) < 0.5  # seen from nearer
    assert 70 < sum(jitter.flip for jitter in drawn) < 130


@dataclass(frozen=True)
class Greys(Store):
    """A store whose pictures are plain, each of its own level."""

    levels: dict[int, Pixels]

    def image(self, index):
        return self.levels.get(index, np.full((64, 64, 3), 255, np.uint8))


def test_partners_of_known_fakes_are_weighted_by_collection(face_store):
    fakes, reals = indices(face_store, "fake"), indices(face_store, "real")
    samples = [replace(s, clip="", identity="") for s in face_store.samples]
    samples[reals[0]] = replace(samples[reals[0]], source="rare")
    store = replace(face_store, samples=tuple(samples))
    others = {s.source: 0.0 for s in samples if s.source != "rare"}
    grey = {index: np.full((64, 64, 3), 40 * number, np.uint8) for number, index in enumerate(reals)}
    store_of_greys = Greys(store.folder, store.samples, store.landmarks, grey)
    only = KnownPairs(store_of_greys, fakes, reals, {"rare": 1.0, **others})
    drawn = [np.median(only.pair(SIDE, np.random.default_rng(seed)).real) for seed in range(6)]
    assert drawn == [0.0] * 6
    free = KnownPairs(store_of_greys, fakes, reals)
    assert any(np.median(free.pair(SIDE, np.random.default_rng(seed)).real) for seed in range(20))


def test_a_patch_is_erased_from_both_members_or_none(face_store):
    source = KnownPairs(face_store, indices(face_store, "fake"), indices(face_store, "real"))
    erased = 0
    for seed in range(24):
        pair = source.pair(SIDE, np.random.default_rng(seed))
        grey = [(crop == 128).all(axis=2) for crop in (pair.real, pair.fake)]
        both = grey[0] & grey[1]
        if both.mean() > 0.05:
            erased += 1
            rows, columns = np.where(both.any(axis=1))[0], np.where(both.any(axis=0))[0]
            assert SIDE // 4 <= len(rows) <= SIDE // 2 + 8
            assert SIDE // 4 <= len(columns) <= SIDE // 2 + 8
    assert 6 <= erased <= 18


@pytest.mark.train
def test_a_teachers_word_takes_the_place_of_the_truth():
    def bright(crops):
        return crops.mean(axis=(1, 2, 3)) / 255

    told = training_batches(TWINS, SIDE, steps=1, seed=1, teacher=bright)
    (images, targets), (plain, truth) = told[0], training_batches(TWINS, SIDE, steps=1, seed=1)[0]
    assert np.array_equal(images, plain)
    np.testing.assert_allclose(targets["score"][:, 0], bright(images), rtol=1e-6)
    assert targets["score"].dtype == np.float32
    assert np.array_equal(targets["heatmap"], truth["heatmap"])
