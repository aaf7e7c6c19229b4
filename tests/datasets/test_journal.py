"""What was recorded is found again; what was torn or lost is not taken for done."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from catchlight.datasets import faces, hashes, manifest
from catchlight.datasets.faces import StoreConfig, make_store
from catchlight.datasets.journal import FOLDER, Journal
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError

CONFIG = StoreConfig(frames=2, keep_duplicates=True)  # as the fixture `made`


def points(seed):
    return np.random.default_rng(seed).random((478, 2), np.float32)


def store(folder, name, data):
    (folder / name).write_bytes(data)
    return Sample(name, "real", sha256=hashes.of_bytes(data), yaw=1.5)


@pytest.fixture
def recorded(tmp_path):
    with Journal(tmp_path, {"frames": 2}) as journal:
        rows = [store(tmp_path, "a.jpg", b"a"), store(tmp_path, "b.jpg", b"b")]
        journal.add("k1", "clip.mp4", rows, [(points(1), 0), (points(2), 7)], "")
        journal.add("k2", "empty.jpg", [], [], "no face")
        journal.add("k3", "c.jpg", [store(tmp_path, "c.jpg", b"c")], [(points(3), 0)], "")
    return tmp_path


def test_what_was_recorded_is_found(recorded):
    with Journal(recorded, {"frames": 2}) as journal:
        assert list(journal.entries) == ["k1", "k2", "k3"]
        first = journal.entries["k1"]
        assert [row.path for row in first.rows] == ["a.jpg", "b.jpg"]
        assert (first.rows[0].yaw, first.frames, journal.entries["k2"].reason) == (1.5, (0, 7), "no face")
        assert np.array_equal(journal.landmarks(first), [points(1), points(2)])
        assert np.array_equal(journal.landmarks(journal.entries["k3"]), [points(3)])


@pytest.mark.parametrize("tail", [b'{"key": "k4", "medi', b"\0\0\0\n", b'{"key": "k4"}\n', b"[]\n"])
def test_a_torn_line_is_cut_off_and_written_anew(recorded, tail):
    with (recorded / FOLDER / "journal.jsonl").open("ab") as stream:
        stream.write(tail)
    with Journal(recorded, {"frames": 2}) as journal:
        journal.add("k4", "d.jpg", [store(recorded, "d.jpg", b"d")], [(points(4), 0)], "")
    with Journal(recorded, {"frames": 2}) as journal:
        assert list(journal.entries) == ["k1", "k2", "k3", "k4"]
        assert np.array_equal(journal.landmarks(journal.entries["k4"]), [points(4)])


def test_media_without_their_landmarks_or_pictures_are_done_again(recorded):
    file = recorded / FOLDER / "landmarks.f32"
    with file.open("r+b") as stream:
        stream.truncate(file.stat().st_size - 1)
    (recorded / "b.jpg").write_bytes(b"torn")
    with Journal(recorded, {"frames": 2}) as journal:
        assert list(journal.entries) == ["k2"]
        journal.add("k3", "c.jpg", [store(recorded, "c.jpg", b"c")], [(points(5), 0)], "")
        assert np.array_equal(journal.landmarks(journal.entries["k3"]), [points(5)])


def test_other_settings_are_refused(recorded):
    with pytest.raises(
        DataError, match=r"other settings: frames was 2 and is now 3; side was None and is now 9"
    ):
        Journal(recorded, {"frames": 3, "side": 9})


def test_a_finished_record_stays_with_its_digest_and_its_media(recorded):
    with Journal(recorded, {"frames": 2}) as journal:
        assert (journal.finished(), journal.members()) == ("", {})
        journal.enrol(["k3", "k1"])
        journal.finish("digest")
    with Journal(recorded, {"frames": 2}) as journal:
        assert journal.finished() == "digest"
        assert list(journal.members().items()) == [("k3", "c.jpg"), ("k1", "clip.mp4")]
        assert list(journal.entries) == ["k1", "k2", "k3"]


def test_a_picture_that_is_put_aside_is_known_and_can_come_back(recorded):
    with Journal(recorded, {"frames": 2}) as journal:
        journal.place("b.jpg", kept=False)
    assert not (recorded / "b.jpg").exists()
    with Journal(recorded, {"frames": 2}) as journal:
        assert "k1" in journal.entries
        assert journal.picture("b.jpg").read_bytes() == b"b"
        journal.place("b.jpg", kept=True)
        assert journal.picture("b.jpg") == recorded / "b.jpg"


def child(media_folder, out):
    code = (
        "import sys\nfrom pathlib import Path\nfrom catchlight.datasets.faces import StoreConfig, make_store\n"
        "make_store([Path(sys.argv[1])], Path(sys.argv[2]), StoreConfig(frames=2, keep_duplicates=True))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(media_folder), str(out)], stderr=subprocess.DEVNULL
    )


@pytest.mark.slow
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
