"""One sample: its files, its rows, and writing that leaves nothing half done."""

import json
import resource
from dataclasses import replace

import cv2
import numpy as np
import pytest

from catchlight.datasets import hashes
from catchlight.datasets.cut import decode
from catchlight.datasets.degrade import Step, apply
from catchlight.detector.errors import ContractError, DataError
from catchlight.generator import recipe as recipes
from catchlight.generator.bench import drawn_store
from catchlight.generator.make import Maker, encode, make_chunk
from catchlight.generator.plan import plan


def test_both_members_show_the_same_outside_the_mask(written, drawn):
    text = '[[methods]]\nname = "face_swap"\n[degrade]\nstrength = 0'
    drafts = plan(recipes.read(written(text, format="png")), drawn, 6)
    maker = Maker(drawn)
    for draft in (replace(draft, history=()) for draft in drafts):
        made, files = maker.make(draft)
        real, fake = (decode(files[row.path]) for row in (made.real, made.fake))
        mask = cv2.imdecode(np.frombuffer(files[made.fake.mask], np.uint8), cv2.IMREAD_GRAYSCALE)
        assert real.shape == fake.shape == (64, 64, 3)
        assert mask.any()
        differ = np.abs(real.astype(int) - fake.astype(int)).max(axis=2)
        assert differ[mask == 0].max(initial=0) <= 1  # a mask under half a grey level is stored as none
        assert differ[mask > 200].mean() > 1


def test_both_members_go_through_the_same_history(recipe, drawn):
    draft = replace(plan(recipe, drawn, 1)[0], history=(), format="png")
    maker = Maker(drawn)
    _, before = maker.make(draft)
    history = (Step("blur", (1.2,)), Step("jpeg", (50.0,)))
    made, after = maker.make(replace(draft, history=history))
    for path in (made.real.path, made.fake.path):
        assert np.array_equal(apply(decode(before[path]), history), decode(after[path]))


def test_rows_say_all_that_is_known(recipe, drawn):
    samples = tuple(replace(s, licence=f"licence of {s.identity}", consent="asked") for s in drawn.samples)
    store = replace(drawn, samples=samples)
    swap = next(draft for draft in plan(recipe, store) if draft.method == "face_swap")
    made, files = Maker(store).make(swap)
    who = {sample.path: sample for sample in samples}
    target, donor = who[swap.target], who[swap.donor]
    assert (made.real.label, made.real.method, made.real.mask, made.real.donor) == ("real", "", "", "")
    assert (made.fake.label, made.fake.method, made.fake.donor) == ("fake", "face_swap", donor.identity)
    for row in (made.real, made.fake):
        assert (row.identity, row.clip, row.split, row.source) == (
            target.identity,
            target.clip,
            target.split,
            "drawn",
        )
        assert (row.recipe, row.seed) == ("test/1", f"1/{swap.id}")
        assert row.face_width > 20
        assert (row.yaw, row.roll) == (None, None)  # the crop may be mirrored
        assert row.sha256 == hashes.of_bytes(files[row.path])
        assert row.pixels == hashes.of_pixels(decode(files[row.path]))
        assert json.loads(row.parameters)["donor"] == donor.path
        assert set(row.licence.split("; ")) == {target.licence, donor.licence}
        assert row.consent == "asked"
    assert made.fake.partner == made.real.path
    assert set(made.hashes) == set(files)


def test_landmarks_are_those_of_the_crop(recipe, drawn):
    maker, draft = Maker(drawn), plan(recipe, drawn, 1)[0]
    assert np.allclose(maker.landmarks(draft), maker._crop(draft.target, draft)[1], atol=1e-3)


def test_a_changed_or_missing_picture_of_the_store_is_told(recipe, tmp_path):
    store = drawn_store(tmp_path / "faces", people=3, side=96)
    drafts = plan(recipe, store, 1)
    path = store.folder / drafts[0].target
    path.write_bytes(encode(np.zeros((96, 96, 3), np.uint8), "jpeg"))
    with pytest.raises(DataError, match=r"is not the one of the store's manifest; make the store again"):
        Maker(store).make(drafts[0])
    damaged = replace(store.samples[0], path=drafts[0].target, sha256="")
    path.write_bytes(b"no picture")
    with pytest.raises(DataError, match="is damaged; make the store again"):
        Maker(replace(store, samples=(damaged,))).make(drafts[0])
    path.unlink()
    with pytest.raises(DataError, match="can't be read: No such file"):
        Maker(store).make(drafts[0])
    with pytest.raises(DataError, match="has no picture 'elsewhere.jpg'"):
        Maker(store).make(replace(drafts[0], target="elsewhere.jpg"))


def test_a_plug_in_that_fails_is_named_with_its_sample(recipe, drawn, tmp_path, monkeypatch):
    (tmp_path / "broken_method.py").write_text(
        "def create():\n    return lambda target, source, rng: 1 / 0\n"
        "def odd():\n    return lambda target, source, rng: target.image\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    draft = plan(recipe, drawn, 1)[0]
    with pytest.raises(
        ContractError, match="'broken_method:create' failed on sample 000000: ZeroDivisionError"
    ):
        Maker(drawn).make(replace(draft, method="broken_method:create", options={}))
    with pytest.raises(ContractError, match="must return a Forgery, received a ndarray"):
        Maker(drawn).make(replace(draft, method="broken_method:odd", options={}))


def test_a_full_disk_leaves_nothing_half_written(recipe, drawn, tmp_path):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (600, limits[1]))
    try:
        with pytest.raises(DataError, match="can't be written: File too large.*again"):
            make_chunk(drawn.folder, tmp_path / "set", plan(recipe, drawn, 1), Maker(drawn))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [path for path in (tmp_path / "set").rglob("*") if path.is_file()] == []


def test_colour_survives_encoding():
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, 16:] = (200, 30, 60)
    assert np.array_equal(decode(encode(image, "png")), image)
    assert np.abs(decode(encode(image, "jpeg")).astype(int) - image).max() <= 12


def test_a_face_that_is_kept_in_memory_makes_the_same_bytes(recipe, drawn):
    drafts, maker = plan(recipe, drawn, 30), Maker(drawn)
    kept = [maker.make(draft)[1] for draft in sorted(drafts, key=lambda draft: draft.target)]
    afresh = [Maker(drawn).make(draft)[1] for draft in sorted(drafts, key=lambda draft: draft.target)]
    assert kept == afresh
    assert len(maker.pictures) <= 8
