"""Files appear whole or not at all; a folder has one writer."""

import os
import subprocess
import sys

import pytest

from catchlight.datasets import files
from catchlight.detector.errors import DataError


def test_a_file_appears_when_it_is_whole(tmp_path):
    target = tmp_path / "new" / "a.txt"
    with files.whole(target) as partial:
        partial.write_text("half")
        assert not target.exists()
        assert partial.suffix == ".txt"
    assert target.read_text() == "half"
    assert list(target.parent.iterdir()) == [target]


def test_bytes_replace_what_is_there_in_a_folder_that_need_not_be(tmp_path):
    target = tmp_path / "a" / "file.bin"
    files.write(target, b"old")
    files.write(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def fill(target):
    """Write to a disk without room."""
    with files.whole(target) as partial:
        partial.symlink_to("/dev/full")
        partial.write_text("new")


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), files.whole(target) as partial:
        partial.write_text(str(1 / 0))
    with pytest.raises(DataError, match=r"a\.txt can't be written: No space left on device\. Make room"):
        fill(target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_in_the_way_of_a_folder_is_named(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(DataError, match="can't be written"), files.whole(tmp_path / "a" / "b.txt"):
        pass
    with pytest.raises(DataError, match="can't be written"), files.exclusive(tmp_path / "a"):
        pass


def test_a_folder_has_one_writer_at_a_time(tmp_path):
    with (
        files.exclusive(tmp_path / "new"),
        pytest.raises(DataError, match=rf"another run \(process {os.getpid()}\)"),
        files.exclusive(tmp_path / "new"),
    ):
        pass
    with files.exclusive(tmp_path / "new"):
        pass


def test_a_writer_that_was_killed_holds_nothing(tmp_path):
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom catchlight.datasets import files\n"
        "with files.exclusive(Path(sys.argv[1])):\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60).returncode == -9
    with files.exclusive(tmp_path):
        assert (tmp_path / files.LOCK).read_text() == str(os.getpid())
