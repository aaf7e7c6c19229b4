"""Every kind of damage to a store or a generated set is found, with its row; an intact one has none."""

import json
import shutil
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import hashes, manifest, split
from catchlight.datasets.check import check
from catchlight.datasets.faces import LANDMARKS, StoreConfig, make_store
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError


@pytest.fixture(scope="module")
def intact(media_folder, tmp_path_factory):
    store, _ = make_store([media_folder], tmp_path_factory.mktemp("check"), StoreConfig(frames=1))
    return store


@pytest.fixture
def store(intact, tmp_path):
    shutil.copytree(intact.folder, tmp_path / "store")
    return tmp_path / "store"


def faults(folder):
    return [(fault.line, fault.path, fault.message) for fault in check(folder).faults]


def rewrite(folder, change):
    samples = list(manifest.read(folder))
    manifest.write(folder / manifest.FILENAME, change(samples))


def first(folder):
    return manifest.read(folder)[0]


def test_an_intact_store_has_no_faults(store):
    seen = []
    found = check(store, lambda number, path: seen.append(number))
    assert found.faults == ()
    assert found.unproven == 0
    assert seen == list(range(1, found.rows + 1))


def test_a_picture_with_other_bytes_is_told(store):
    path = first(store).path
    (store / path).write_bytes((store / path).read_bytes() + b"\0")
    assert faults(store) == [(2, path, "is not the file that was hashed: sha256 differs")]


def test_other_pixels_are_told_even_if_the_hash_of_the_file_was_written_anew(store):
    path = first(store).path
    image = np.array(Image.open(store / path))
    Image.fromarray(255 - image).save(store / path)
    sha = hashes.of_bytes((store / path).read_bytes())
    rewrite(store, lambda rows: [replace(rows[0], sha256=sha), *rows[1:]])
    told = [message for _, _, message in faults(store)]
    assert told == [
        "does not show what was hashed: pixels differ",
        "does not look like what was hashed: dhash differs",
    ]


def test_files_that_are_missing_damaged_or_not_named_are_told(store):
    a, b, *_ = manifest.read(store)
    (store / a.path).unlink()
    (store / b.path).write_bytes(b"torn")
    (store / "images" / "stray.jpg").write_bytes(b"")
    told = faults(store)
    assert (2, a.path, "is missing") in told
    assert (3, b.path, "the picture can't be decoded") in told
    assert (0, "images/stray.jpg", "lies among the samples, but no row names it") in told
    assert len(told) == 4


def test_a_path_that_leaves_the_folder_is_told(store, tmp_path):
    outside, path = tmp_path / "outside.jpg", first(store).path
    shutil.move(store / path, outside)
    (store / path).symlink_to(outside)
    assert faults(store) == [(2, path, "leads out of the folder by a link")]
    (store / path).unlink()
    shutil.move(outside, store / path)
    file = store / manifest.FILENAME
    file.write_text(file.read_text().replace(path, "../outside.jpg", 1))
    told = faults(store)
    assert told[0][:2] == (0, path)  # it lies there, and no row names it any more
    assert told[1][0] == 2
    assert "path must be relative" in told[1][2]


def test_a_manifest_edited_by_hand_tells_all_its_faults(store):
    file = store / manifest.FILENAME
    lines = file.read_text().splitlines()
    lines[1] = lines[1].replace(",real,", ",genuine,").replace(",fake,", ",genuine,")
    lines.append(lines[2])
    file.write_text("\n".join(lines) + "\n")
    told = faults(store)
    assert [(line, message.partition(",")[0]) for line, _, message in told] == [
        (2, "label must be one of ('real'"),
        (len(lines), "path is already in line 3"),
    ] or told[0][1] == LANDMARKS


def test_samples_of_one_person_clip_or_pair_on_two_sides_are_told(store):
    def change(rows):
        rows = [replace(row, split="train", dhash="") for row in rows]
        rows[0] = replace(rows[0], identity="ann")
        rows[1] = replace(rows[1], identity="ann", split="val")
        return rows

    rewrite(store, change)
    assert "'person ann' is in val here and in train in line 2" in [m for _, _, m in faults(store)]
    rewrite(
        store,
        lambda rows: [*rows[:2], replace(rows[2], parameters=json.dumps({"real": rows[1].path})), *rows[3:]],
    )
    assert any("'picture " in message for _, _, message in faults(store))


def test_near_duplicates_on_two_sides_are_told_even_without_their_hashes(store, astronaut):
    """A picture twice, once smaller: no column links the two, but they show the same."""
    small = cv2.resize(astronaut, (256, 256), interpolation=cv2.INTER_AREA)
    rows = list(manifest.read(store))
    for name, image, side in (("one", astronaut, "train"), ("two", small, "val")):
        Image.fromarray(image).save(store / "images" / f"{name}.png")
        path = f"images/{name}.png"
        rows.append(Sample(path, "real", split=side, sha256=hashes.of_bytes((store / path).read_bytes())))
    manifest.write(store / manifest.FILENAME, rows)
    (store / LANDMARKS).unlink()
    told = [fault for fault in faults(store) if "images/one.png" in fault[2]]
    assert told == [
        (
            len(rows) + 1,
            "images/two.png",
            f"near-duplicate in val here and in train in line {len(rows)}, images/one.png",
        )
    ]
    assert check(store).unproven == 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda points: points[:-1], "has the shape"),
        (lambda points: points + 5000, "outside the picture"),
        (lambda points: points * np.nan, "not numbers"),
    ],
)
def test_landmarks_that_do_not_fit_are_told(store, change, problem):
    np.save(store / LANDMARKS, change(np.load(store / LANDMARKS)))
    assert problem in faults(store)[0][2]


def test_torn_landmarks_are_told(store):
    (store / LANDMARKS).write_bytes(b"\x93NUMPY torn")
    assert "can't be read" in faults(store)[0][2]


def test_both_forms_of_the_manifest_must_agree(store):
    rows = manifest.read(store)
    manifest.write(store / manifest.PARQUET, rows)
    assert faults(store) == []
    manifest.write(store / manifest.PARQUET, rows[:-1])
    assert faults(store)[0][:2] == (0, "manifest.parquet")


@pytest.fixture
def generated(tmp_path, astronaut):
    """What a recipe leaves: pairs with masks, the fake naming its real picture."""
    rows = []
    for folder in ("reals", "fakes", "masks"):
        (tmp_path / folder).mkdir()
    for number in range(3):
        real = astronaut[: 256 + number, : 200 + 100 * number]
        fake, mask = cv2.GaussianBlur(real, (0, 0), 2), np.full(real.shape[:2], 128, np.uint8)
        for name, image in (("reals", real), ("fakes", fake), ("masks", mask)):
            Image.fromarray(image).save(tmp_path / name / f"{number}.png")
        for name, label in (("reals", "real"), ("fakes", "fake")):
            path = f"{name}/{number}.png"
            image = real if label == "real" else fake
            extra = {"mask": f"masks/{number}.png", "parameters": json.dumps({"real": f"reals/{number}.png"})}
            rows.append(
                Sample(
                    path,
                    label,
                    sha256=hashes.of_bytes((tmp_path / path).read_bytes()),
                    pixels=hashes.of_pixels(image),
                    **(extra if label == "fake" else {}),
                )
            )
    manifest.write(tmp_path / manifest.FILENAME, split.assign(rows, validation=0.5))
    return tmp_path


def test_a_generated_set_is_proven_like_a_store(generated):
    assert faults(generated) == []
    rewrite(
        generated, lambda rows: [replace(rows[0], split="val"), replace(rows[1], split="train"), *rows[2:]]
    )
    assert any("'picture reals/0.png' is in train here" in message for _, _, message in faults(generated))


def test_masks_are_proven_too(generated):
    (generated / "masks/0.png").unlink()
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(generated / "masks/1.png")
    (generated / "masks/2.png").write_bytes(b"torn")
    Image.fromarray(np.zeros((5, 5), np.uint8)).save(generated / "masks/stray.png")
    told = [message for _, _, message in faults(generated)]
    assert "its mask masks/0.png is missing" in told
    assert any("its mask masks/1.png has the shape (5, 5)" in message for message in told)
    assert "its mask masks/2.png: the picture can't be decoded" in told
    assert len(told) == 4


def test_a_folder_without_a_manifest_or_rows_is_no_proof(tmp_path):
    with pytest.raises(DataError, match="no manifest"):
        check(tmp_path)
    manifest.write(tmp_path / manifest.FILENAME, [])
    assert faults(tmp_path) == [(0, "", "the manifest has no rows")]
