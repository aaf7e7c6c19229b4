"""A store's files follow from its media: duplicates, splits, and media that are added later."""

import os
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import check, split
from catchlight.datasets.faces import StoreConfig, make_store
from catchlight.datasets.journal import FOLDER
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError

CONFIG = StoreConfig(identity="folder")


def test_near_duplicates_are_left_out_and_the_better_one_stays(photographs, tmp_path):
    out = tmp_path / "out"
    store, rejected = make_store([photographs], out)
    assert [sample.path for sample in store.samples] == [
        "images/photographs/a.jpg",
        "images/photographs/m.jpg",
    ]
    (gone,) = rejected
    assert (gone.path, gone.kept) == (str(photographs / "bob" / "b.jpg"), "images/photographs/a.jpg")
    assert "near-duplicate" in gone.reason
    assert sorted(path.name for path in (out / "images").rglob("*.jpg")) == ["a.jpg", "m.jpg"]


def test_a_duplicate_that_is_left_out_still_links_its_people(photographs, tmp_path):
    """Bob's copy of Ann's picture is gone, but his other picture stays on her side."""
    (photographs / "m.jpg").rename(photographs / "bob" / "m.jpg")
    alone = [Sample("a.jpg", "real", identity="ann"), Sample("b.jpg", "real", identity="bob")]
    (apart, *_) = (
        share
        for share in np.arange(0, 1, 0.05)
        if len({s.split for s in split.assign(alone, validation=share)}) > 1
    )
    store, rejected = make_store(
        [photographs], tmp_path / "out", StoreConfig(identity="folder", validation=float(apart))
    )
    assert [s.identity for s in store.samples] == ["ann", "bob"]
    assert len(rejected) == 1
    assert len({s.split for s in store.samples}) == 1


def content(folder):
    """All files of a store but the record of its making."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name[0] != ".")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if FOLDER not in path.parts}


@pytest.fixture
def more(tmp_path, astronaut):
    """A second folder: a better copy of Bob's picture, and another person."""
    folder = tmp_path / "more"
    for name, image in (
        ("bob/big", np.kron(astronaut, np.ones((2, 2, 1), np.uint8))),
        ("cleo/c", astronaut[40:, 20:]),
    ):
        (folder / name).parent.mkdir(parents=True)
        Image.fromarray(np.ascontiguousarray(image)).save(folder / f"{name}.png")
    return folder


def test_media_that_are_added_later_make_the_store_that_all_at_once_make(photographs, more, tmp_path):
    first, _ = make_store([photographs], tmp_path / "out", CONFIG)
    pictures = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / "images").rglob("*.jpg")}
    grown, refused = make_store([more], tmp_path / "out", CONFIG)
    at_once, rejected = make_store([photographs, more], tmp_path / "once", CONFIG)
    assert content(tmp_path / "out") == content(tmp_path / "once")
    assert grown.samples == at_once.samples != first.samples
    assert refused == rejected
    assert not check.check(tmp_path / "out").faults
    assert all(path.stat().st_mtime_ns == when for path, when in pictures.items() if path.exists())
    again, _ = make_store([photographs], tmp_path / "out", CONFIG)
    assert again.samples == grown.samples


def test_a_run_that_adds_and_fails_leaves_the_store_readable_and_goes_on(photographs, more, tmp_path):
    out = tmp_path / "out"
    before, _ = make_store([photographs], out, CONFIG)
    (out / "rejected.csv").unlink()
    (out / "rejected.csv").mkdir()  # the run ends when it can't be written
    with pytest.raises(DataError, match="can't be written"):
        make_store([more], out, CONFIG)
    (out / "rejected.csv").rmdir()
    grown, _ = make_store([photographs], out, CONFIG)
    assert {sample.path for sample in before.samples} < {s.path for s in grown.samples} | {
        "images/photographs/a.jpg"
    }
    make_store([photographs, more], tmp_path / "once", CONFIG)
    assert content(out) == content(tmp_path / "once")


def test_a_medium_that_has_changed_takes_the_place_of_its_old_state(photographs, tmp_path, astronaut):
    out = tmp_path / "out"
    make_store([photographs], out, CONFIG)
    Image.fromarray(astronaut[::1, 30:]).save(photographs / "m.jpg", quality=60)
    os.utime(photographs / "m.jpg", ns=(1, 1))
    changed, _ = make_store([photographs], out, CONFIG)
    assert sum("/m" in sample.path for sample in changed.samples) <= 1
    assert not check.check(out).faults


def test_other_settings_and_a_store_without_its_record_can_not_grow(photographs, more, tmp_path):
    out = tmp_path / "out"
    make_store([photographs], out, CONFIG)
    with pytest.raises(DataError, match="other settings: frames was 16 and is now 3"):
        make_store([more], out, replace(CONFIG, frames=3))
    (out / "images" / "photographs" / "a.jpg").unlink()
    with pytest.raises(DataError, match="has lost pictures of 1 media, .*a.jpg first; give the folder"):
        make_store([more], out, CONFIG)
    for name in ("members.json", "journal.jsonl", "landmarks.f32"):
        (out / FOLDER / name).unlink()
    with pytest.raises(DataError, match="kept no record of it, so nothing can be added"):
        make_store([more], out, CONFIG)
