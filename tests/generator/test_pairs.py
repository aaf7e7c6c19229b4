"""Pairs: real and forgery are cut alike, from the split that was asked for."""

import cv2
import numpy as np
import pytest

from catchlight.datasets.degrade import blur
from catchlight.detector.errors import DataError
from catchlight.generator.pairs import BlendPairs, ReconstructionPairs, sources
from catchlight.generator.types import key

SIDE = 96


@pytest.fixture(scope="module")
def reconstructions(face_store, tmp_path_factory):
    """A folder of blurred copies, laid out as reconstructions are."""
    folder = tmp_path_factory.mktemp("reconstructions")
    for index, sample in enumerate(face_store.samples):
        path = (folder / "soft" / sample.path).with_suffix(".png")
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), cv2.cvtColor(blur(face_store.image(index), 2.0), cv2.COLOR_RGB2BGR))
    return folder


def apart(a, b):
    return np.abs(a.astype(int) - b).mean(axis=2)


def test_sources_are_the_real_pictures_of_one_split(face_store):
    for split in ("train", "val"):
        chosen = [i for group in sources(face_store, split).groups.values() for i in group]
        assert {(face_store.samples[i].label, face_store.samples[i].split) for i in chosen} == {
            ("real", split)
        }


def test_a_split_without_real_pictures_is_an_error(face_store):
    with pytest.raises(DataError, match="no real picture in split 'test'"):
        sources(face_store, "test")


def test_weights_of_collections_count(face_store):
    reals = sources(face_store, "train")
    (name,) = reals.groups
    groups = {"a": reals.groups[name][:1], "b": reals.groups[name][1:2]}
    rng = key(1, "draw")
    weighted = type(reals)(face_store, groups, {"a": 3.0, "b": 1.0})
    drawn = [weighted.draw(rng) for _ in range(400)]
    assert drawn.count(groups["a"][0]) / 400 == pytest.approx(0.75, abs=0.07)
    only = type(reals)(face_store, groups, {"a": 1.0, "b": 0.0})
    assert {only.draw(rng) for _ in range(50)} == set(groups["a"])


def test_easy_blends_differ_more(face_store):
    reals = sources(face_store, "train")
    full, easy = (BlendPairs(reals, "whole", easy=share) for share in (0.0, 1.0))

    def difference(pairs):
        drawn = [pairs.pair(SIDE, key(1, str(n))) for n in range(40)]
        return np.median([apart(p.real, p.fake)[p.mask > 0.1].mean() for p in drawn])

    assert difference(easy) > 1.1 * difference(full)


def test_a_blend_pair_shows_one_face_twice(face_store):
    pairs = BlendPairs(sources(face_store, "train"))
    for sample in range(8):
        pair = pairs.pair(SIDE, key(1, str(sample)))
        assert pair.real.shape == pair.fake.shape == (SIDE, SIDE, 3)
        assert apart(pair.real, pair.fake).mean() < 45
        assert pair.mask.max() > 0.2
    again = pairs.pair(SIDE, key(1, "7"))
    assert np.array_equal(again.fake, pair.fake)


def test_a_whole_reconstruction_is_cut_like_its_real_picture(face_store, reconstructions):
    pairs = ReconstructionPairs(sources(face_store, "train"), reconstructions, ["soft"], blended=False)
    pair = pairs.pair(SIDE, key(1, "a"))
    assert (pair.mask == 1).all()
    assert 0.3 < apart(pair.real, pair.fake).mean() < 12


def test_a_blended_reconstruction_leaves_the_rest_of_the_real_picture(face_store, reconstructions):
    pairs = ReconstructionPairs(sources(face_store, "train"), reconstructions, ["soft"], blended=True)
    for sample in range(8):
        pair = pairs.pair(SIDE, key(1, str(sample)))
        assert np.array_equal(pair.fake[pair.mask == 0], pair.real[pair.mask == 0])
        assert apart(pair.real, pair.fake)[pair.mask > 0.1].mean() > 0.2


def test_missing_reconstructions_are_an_error(face_store, reconstructions):
    with pytest.raises(DataError, match="no reconstruction of .* by any of hard"):
        ReconstructionPairs(sources(face_store, "train"), reconstructions, ["hard"], True).pair(
            SIDE, key(1, "a")
        )
