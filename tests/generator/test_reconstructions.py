"""Reconstructions of a store: every picture's kinds follow from its key, work resumes, nothing is half-written."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets.faces import StoreConfig, make_store
from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator import reconstructions

pytestmark = pytest.mark.train
KINDS = ("bl8", "dn8")


@pytest.fixture
def store(tmp_path, astronaut):
    source = tmp_path / "source"
    source.mkdir()
    for number, picture in enumerate((astronaut, astronaut[:, ::-1])):
        Image.fromarray(np.ascontiguousarray(picture)).save(source / f"{number}.png")
    return make_store([source], tmp_path / "store", StoreConfig(side=160))[0]


def made(store):
    return sorted((store.folder / reconstructions.RECONSTRUCTIONS).rglob("*.png"))


def test_pictures_look_the_same_and_are_not(store):
    assert reconstructions.make(store, ("bl8",)) == 2
    for path, index in zip(made(store), range(2), strict=True):
        copy = cv2.imread(str(path))[..., ::-1].astype(int)
        difference = np.abs(copy - store.image(index))
        assert copy.shape == store.image(index).shape
        assert 0.5 < difference.mean() < 12


def test_interrupted_work_goes_on_and_order_does_not_matter(store):
    assert reconstructions.make(store, KINDS, each=1) == 2
    first = {path: path.read_bytes() for path in made(store)}
    assert reconstructions.make(store, KINDS, each=1) == 0
    made(store)[0].unlink()
    assert reconstructions.make(store, KINDS, each=1) == 1
    assert {path: path.read_bytes() for path in made(store)} == first
    assert not list(store.folder.rglob("*.partial"))


def test_count_limits_each_kind(store):
    assert reconstructions.make(store, ("bl8",), count=1) == 1


def test_more_kinds_than_there_are_is_refused(store):
    with pytest.raises(ConfigError, match="1 to 2"):
        reconstructions.make(store, KINDS, each=3)


def test_an_unknown_kind_is_told_before_any_other_is_made(store):
    with pytest.raises(UnknownName):
        reconstructions.make(store, ("bl8", "esrgann"))
    assert not made(store)


def test_an_unknown_kind_lists_own_and_foreign_ones(store):
    with pytest.raises(UnknownName, match="did you mean 'esrgan'.*bl8.*waifu2x"):
        reconstructions.make(store, ("esrgann",))
