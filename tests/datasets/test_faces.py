"""The store: media in, wide crops with landmarks out; rejections have reasons, damage is named."""

import csv
import hashlib
import tarfile
from collections import Counter

import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import faces, hashes, manifest
from catchlight.datasets.faces import StoreConfig, make_store, open_store, read_image
from catchlight.detector import align
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError

CONFIG = StoreConfig(frames=2, keep_duplicates=True)  # as the fixture `made`


def test_every_face_is_stored_with_what_is_known(made):
    store, _, seen = made
    found = Counter((s.label, s.method, s.kind) for s in store.samples)
    assert found == {
        ("real", "", "image"): 3,
        ("fake", "tool", "image"): 2,
        ("real", "", "video"): 4,
        ("fake", "tool", "video"): 4,
    }
    assert [number for number, _ in seen] == sorted(number for number, _ in seen)
    for sample in store.samples:
        assert sample.face_width >= 48
        assert 0.5 < sample.inside <= 1
        assert abs(sample.yaw) < 40
        assert abs(sample.pitch) < 40
        assert abs(sample.roll) < 40
        assert -1 < sample.side_light < 1
        assert hashes.of_pixels(read_image(store.folder / sample.path)) == sample.pixels
        assert hashlib.sha256((store.folder / sample.path).read_bytes()).hexdigest() == sample.sha256


def test_a_picture_without_a_face_is_rejected_with_its_reason(made):
    _, rejected, _ = made
    assert [(r.path.rpartition("/")[2], r.reason) for r in rejected] == [("empty.jpg", "no face")]


def test_landmarks_lie_on_the_stored_faces(made):
    """The crop cut from a stored picture shows what the crop cut from the original does."""
    store, _, _ = made
    (index,) = store.where(lambda s: s.path.endswith("/plain.jpg"))
    image = store.image(index)
    assert max(image.shape[:2]) <= StoreConfig().side
    _, points = align.cut(image, store.landmarks[index], 160)
    assert abs(lm.roll(points)) < 1e-3
    iris = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[tuple(store.landmarks[index][468, ::-1].astype(int))]
    cheek = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[tuple(store.landmarks[index][50, ::-1].astype(int))]
    assert int(iris) < int(cheek) - 40


def test_names_that_recur_in_other_folders_stay_apart(made):
    """Data sets call the real clip and its fakes alike; one must not overwrite the other."""
    store, _, _ = made
    walks = [s for s in store.samples if s.clip == "walk"]
    assert {s.label for s in walks} == {"real", "fake"}
    assert len({s.path for s in store.samples}) == len(store.samples)


def test_one_clip_of_several_tools_stays_on_one_side(made):
    store, _, _ = made
    assert len({s.split for s in store.samples if s.clip == "walk"}) == 1


def test_a_store_is_the_same_when_opened_and_when_made_again(made, media_folder, tmp_path):
    store, _, _ = made
    again, _ = make_store([media_folder], tmp_path, CONFIG)
    for other in (open_store(store.folder), again):
        assert other.samples == store.samples
        assert np.array_equal(other.landmarks, store.landmarks)


def test_an_interrupted_store_says_so(made, tmp_path):
    store, _, _ = made
    manifest.write(tmp_path / manifest.FILENAME, store.samples)
    with pytest.raises(DataError, match=r"no landmarks\.npy; it was interrupted"):
        open_store(tmp_path)
    np.save(tmp_path / faces.LANDMARKS, store.landmarks[:-1])
    with pytest.raises(DataError, match=r"expected shape \(13, 478, 2\), received \(12, 478, 2\)"):
        open_store(tmp_path)


def test_a_damaged_picture_is_an_error_that_names_it(made, tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"a\.jpg is missing or damaged"):
        faces.read_image(tmp_path / "a.jpg")


def test_sources_without_a_face_or_absent_are_errors(tmp_path, astronaut):
    with pytest.raises(DataError, match="is not a folder"):
        make_store([tmp_path / "absent"], tmp_path / "out")
    (tmp_path / "in").mkdir()
    Image.fromarray(astronaut[350:]).save(tmp_path / "in" / "suit.png")
    with pytest.raises(DataError, match="no usable face"):
        make_store([tmp_path / "in"], tmp_path / "out")


@pytest.fixture
def shard(tmp_path, astronaut):
    """A folder with a tar shard of a small picture, a dark one and one that is damaged."""
    near = astronaut[5:231, 113:339]
    (tmp_path / "in").mkdir()
    for name, image in (("good", near), ("dark", near // 14)):
        Image.fromarray(image).save(tmp_path / f"{name}.jpg", quality=80)
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8 torn")
    with tarfile.open(tmp_path / "in" / "shard.tar", "w") as archive:
        for name in ("good", "dark", "torn"):
            archive.add(tmp_path / f"{name}.jpg", f"{name}.jpg")
    with (tmp_path / "in" / "index.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("path", "label", "source", "identity", "shard"))
        writer.writerows(
            (f"{n}.jpg", "real", "../web", f"p-{n}", "shard.tar") for n in ("good", "dark", "torn")
        )
    return tmp_path


def test_small_pictures_of_a_shard_keep_their_bytes_and_stay_in_the_store(shard):
    store, rejected = make_store([shard / "in"], shard / "out")
    (sample,) = store.samples
    assert sample.identity == "p-good"
    assert (shard / "out" / sample.path).read_bytes() == (shard / "good.jpg").read_bytes()
    assert (shard / "out" / "images").resolve() in (shard / "out" / sample.path).resolve().parents
    reasons = {r.path.rpartition("/")[2]: r.reason for r in rejected}
    assert reasons["dark.jpg"] == "too_dark"
    assert "can't be decoded" in reasons["torn.jpg"]


def test_folders_name_people_and_rows_carry_licence_and_consent(photographs, tmp_path):
    config = StoreConfig(identity="folder", keep_duplicates=True, licence="CC0-1.0", consent="public figure")
    store, _ = make_store([photographs], tmp_path / "out", config)
    assert {s.path.rpartition("/")[2]: s.identity for s in store.samples} == {
        "a.jpg": "ann", "b.jpg": "bob", "m.jpg": "",
    }  # fmt: skip
    assert {(s.licence, s.consent) for s in store.samples} == {("CC0-1.0", "public figure")}


def test_light_is_normalised_on_request(photographs, tmp_path, astronaut):
    shade = np.linspace(1.0, 0.25, astronaut.shape[1])[None, :, None]
    Image.fromarray((astronaut * shade).astype(np.uint8)).save(photographs / "m.jpg")
    light = []
    for asked in (False, True):
        config = StoreConfig(normalise_light=asked, keep_duplicates=True)
        store, _ = make_store([photographs], tmp_path / str(asked), config)
        light += [abs(s.side_light) for s in store.samples if s.path.endswith("/m.jpg")]
    assert light[1] < 0.6 * light[0]


def test_an_empty_folder_is_an_error(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="no photograph and no clip in .*in; expected"):
        make_store([tmp_path / "in"], tmp_path / "out")


def test_a_store_of_another_making_is_left_alone(made, media_folder, tmp_path):
    store, _, _ = made
    manifest.write(tmp_path / manifest.FILENAME, store.samples)
    with pytest.raises(DataError, match="not of this command's making"):
        make_store([media_folder], tmp_path, CONFIG)
