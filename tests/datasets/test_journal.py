"""What was recorded is found again; what was torn or lost is not taken for done."""

import numpy as np
import pytest

from catchlight.datasets import hashes
from catchlight.datasets.journal import FOLDER, Journal
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError


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


def test_a_finished_record_keeps_its_digest_alone(recorded):
    with Journal(recorded, {"frames": 2}) as journal:
        assert journal.finished() == ""
        journal.finish("digest")
    assert sorted(path.name for path in (recorded / FOLDER).iterdir()) == ["finished", "settings.json"]
    with Journal(recorded, {"frames": 2}) as journal:
        assert (journal.finished(), journal.entries) == ("digest", {})
