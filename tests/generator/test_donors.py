"""Donors: another person for swaps, another frame of the same clip for edits."""

import cv2
import numpy as np
import pytest

from catchlight.datasets import degrade
from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError
from catchlight.generator.donors import ClipPairs, SwapPairs
from catchlight.generator.methods.face_swap import FaceSwap
from catchlight.generator.methods.local_edit import LocalEdit
from catchlight.generator.pairs import sources
from catchlight.generator.testing import sample_portrait
from catchlight.generator.types import key

SIDE = 96
FRAMES = 3


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Three people: two in clips of three frames each, one in a photograph."""
    folder = tmp_path_factory.mktemp("people")
    samples, landmarks = [], []
    for name, seed, frames in (("ann", 1, FRAMES), ("bob", 2, FRAMES), ("cleo", 3, 1)):
        face = sample_portrait(SIDE * 2, seed)
        for frame in range(frames):
            path = f"{name}{frame}.png"
            shifted = degrade.tone(np.roll(face.image, 3 * frame, axis=1), 6 * frame, 1.0, 1.0)
            cv2.imwrite(str(folder / path), cv2.cvtColor(shifted, cv2.COLOR_RGB2BGR))
            clip = name if frames > 1 else ""
            samples.append(Sample(path, "real", source="camera", identity=name, clip=clip, split="train"))
            landmarks.append(face.landmarks + np.float32([3 * frame, 0]))
    return Store(folder, tuple(samples), np.stack(landmarks))


@pytest.fixture(scope="module")
def reals(store):
    return sources(store, "train")


def only(store, *names):
    """The pictures of some people."""
    kept = store.where(lambda sample: sample.identity in names)
    return sources(Store(store.folder, tuple(store.samples[i] for i in kept), store.landmarks[kept]), "train")


def test_a_swap_takes_the_face_of_another_person(store, reals):
    pairs = SwapPairs(reals, FaceSwap())
    for seed in range(20):
        for index in range(len(store.samples)):
            donor = pairs.donor(index, key(seed, str(index)))
            assert store.samples[donor].person != store.samples[index].person


def test_the_donor_is_the_one_whose_landmarks_are_nearest(store, reals):
    pairs = SwapPairs(reals, FaceSwap())
    chosen = {pairs.donor(0, key(seed, "a")) for seed in range(20)}
    apart = {
        i: np.abs(pairs.shapes[i] - pairs.shapes[0]).mean()
        for i in pairs.shapes
        if store.samples[i].person != "ann"
    }
    assert min(apart, key=apart.get) in chosen
    assert len(chosen) == 1


@pytest.mark.parametrize(("pairs", "method"), [(SwapPairs, FaceSwap), (ClipPairs, LocalEdit)])
def test_a_pair_differs_inside_its_mask_alone_and_follows_from_its_key(pairs, method, reals):
    made = pairs(reals, method())
    for sample in range(6):
        pair = made.pair(SIDE, key(1, str(sample)))
        assert pair.real.shape == pair.fake.shape == (SIDE, SIDE, 3)
        assert np.array_equal(pair.fake[pair.mask == 0], pair.real[pair.mask == 0])
        assert (pair.fake != pair.real).any()
        assert np.array_equal(pair.fake, made.pair(SIDE, key(1, str(sample))).fake)


def test_a_clip_gives_another_of_its_own_frames(store, reals):
    pairs = ClipPairs(reals, LocalEdit())
    for index, sample in enumerate(store.samples):
        assert pairs.serves(index) == bool(sample.clip)
        if sample.clip:
            donors = {pairs.donor(index, key(seed, "a")) for seed in range(20)}
            assert {store.samples[i].clip for i in donors} == {sample.clip}
            assert index not in donors
            assert len(donors) == FRAMES - 1


def test_a_photograph_serves_swaps_but_no_clip(store, reals):
    assert SwapPairs(reals, FaceSwap()).serves(len(store.samples) - 1)


def test_one_person_is_not_enough_for_swaps(store):
    with pytest.raises(DataError, match="at least two people, received 1"):
        SwapPairs(only(store, "ann"), FaceSwap())


def test_photographs_are_not_enough_for_clips(store):
    with pytest.raises(DataError, match="no clip of real people with two frames"):
        ClipPairs(only(store, "cleo"), LocalEdit())
