"""The store: media in, wide crops with landmarks out; rejections have reasons, damage is named."""

import csv
import hashlib
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import faces, hashes, manifest, split
from catchlight.datasets.faces import StoreConfig, make_store, open_store, read_image
from catchlight.datasets.journal import FOLDER
from catchlight.datasets.manifest import Sample
from catchlight.detector import align
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError

CONFIG = StoreConfig(frames=2, keep_duplicates=True)  # all media show one photograph


@pytest.fixture(scope="module")
def made(media_folder, tmp_path_factory):
    seen = []
    out = tmp_path_factory.mktemp("out")
    store, rejected = make_store([media_folder], out, CONFIG, lambda *at: seen.append(at))
    return store, rejected, seen


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


@pytest.fixture
def photographs(tmp_path, astronaut):
    """One photograph, a smaller and worse copy of it, and it mirrored, in folders named after people."""
    folder = tmp_path / "photographs"
    copy = cv2.resize(astronaut, (400, 400), interpolation=cv2.INTER_AREA)
    for name, image, quality in (
        ("ann/a", astronaut, 95),
        ("bob/b", copy, 80),
        ("m", astronaut[:, ::-1], 95),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ascontiguousarray(image)).save(folder / f"{name}.jpg", quality=quality)
    return folder


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


def child(media_folder, out):
    code = (
        "import sys\nfrom pathlib import Path\nfrom catchlight.datasets.faces import StoreConfig, make_store\n"
        "make_store([Path(sys.argv[1])], Path(sys.argv[2]), StoreConfig(frames=2, keep_duplicates=True))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(media_folder), str(out)], stderr=subprocess.DEVNULL
    )


def test_a_killed_run_goes_on_where_it_was(made, media_folder, tmp_path):
    """SIGKILL after the first media; while it lives, no other run may write there."""
    store, rejected, _ = made
    journal, run = tmp_path / FOLDER / "journal.jsonl", child(media_folder, tmp_path)
    deadline = time.monotonic() + 60
    while not (journal.is_file() and journal.read_bytes().count(b"\n") > 1):
        assert run.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    with pytest.raises(DataError, match=rf"another run \(process {run.pid}\) is writing"):
        make_store([media_folder], tmp_path, CONFIG)
    os.kill(run.pid, signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    assert not (tmp_path / manifest.FILENAME).exists()
    done = {path: path.stat().st_mtime_ns for path in (tmp_path / "images").rglob("*.jpg")}
    lines = journal.read_bytes().count(b"\n")
    with journal.open("ab") as stream:  # a line that was cut off
        stream.write(b'{"key": "torn')

    again, refused = make_store([media_folder], tmp_path, CONFIG)
    assert again.samples == store.samples
    assert refused == rejected
    assert np.array_equal(again.landmarks, store.landmarks)
    for sample in store.samples:
        assert (tmp_path / sample.path).read_bytes() == (store.folder / sample.path).read_bytes()
    untouched = sum(path.stat().st_mtime_ns == when for path, when in done.items())
    assert untouched >= lines - 1  # one of the media has no face


def test_a_stored_picture_that_was_lost_is_made_again(made, media_folder, tmp_path):
    store, _, _ = made
    subset = tmp_path / "media" / "real"
    subset.mkdir(parents=True)
    for name in ("plain.jpg", "near.jpg"):
        (subset / name).write_bytes((media_folder / "real" / name).read_bytes())
    out = tmp_path / "out"
    (out / faces.LANDMARKS).mkdir(parents=True)  # the run ends when they can't be written
    with pytest.raises(DataError):
        make_store([subset.parent], out, replace(CONFIG, held_out=("x",)))
    (out / faces.LANDMARKS).rmdir()
    (picture,) = (out / "images").rglob("plain.jpg")
    picture.write_bytes(b"torn")
    made_again, _ = make_store([subset.parent], out, replace(CONFIG, held_out=("x",)))
    assert {s.sha256 for s in made_again.samples} <= {s.sha256 for s in store.samples}
    assert all(
        hashlib.sha256((out / s.path).read_bytes()).hexdigest() == s.sha256 for s in made_again.samples
    )


def test_a_finished_store_is_opened_as_it_is_but_not_mixed_with_others(made, media_folder, photographs):
    store, rejected, _ = made

    def times():
        return {path: path.stat().st_mtime_ns for path in store.folder.rglob("[!.]*.*")}

    before = times()
    again, refused = make_store([media_folder], store.folder, CONFIG)
    assert (again.samples, refused) == (store.samples, rejected)
    assert times() == before
    with pytest.raises(DataError, match="finished store of other media"):
        make_store([photographs], store.folder, CONFIG)
    with pytest.raises(DataError, match="other settings: frames was 2 and is now 3"):
        make_store([media_folder], store.folder, replace(CONFIG, frames=3))


def test_a_store_of_another_making_is_left_alone(made, media_folder, tmp_path):
    store, _, _ = made
    manifest.write(tmp_path / manifest.FILENAME, store.samples)
    with pytest.raises(DataError, match="not of this command's making"):
        make_store([media_folder], tmp_path, CONFIG)


def test_a_full_disk_is_one_clear_error_and_nothing_is_lost(photographs, tmp_path):
    """No file may grow over 20 kB in the child, as on a disk that fills; then there is room again."""
    code = (
        "import resource, sys\nfrom pathlib import Path\nfrom catchlight.datasets.faces import make_store\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "make_store([Path(sys.argv[1])], Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, str(photographs), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert "DataError" in done.stderr
    assert "can't be written: File too large. Make room" in done.stderr
    assert not list((tmp_path / "out").rglob("*.jpg"))
    store, _ = make_store([photographs], tmp_path / "out")
    assert len(store.samples) == 2
