"""Files for a moment, and never longer."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from catchlight.serve.http.spool import Spool


def test_a_file_lives_as_long_as_the_block(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    with spool.keep(io.BytesIO(b"abc"), "a.jpg") as upload:
        assert upload.path.read_bytes() == b"abc"
        assert upload.sha256.startswith("ba7816bf")
        assert upload.name == "a.jpg"
    assert not upload.path.exists()
    with pytest.raises(ZeroDivisionError), spool.keep(io.BytesIO(b"abc"), "a.jpg") as upload:
        1 / 0  # noqa: B018
    assert not upload.path.exists()
    spool.close()
    assert list(tmp_path.iterdir()) == []


def leave_a_file(folder: Path, ready: object) -> None:
    spool = Spool(folder)
    with spool.keep(io.BytesIO(b"somebody's face"), "a.jpg"):
        ready.set()  # type: ignore[attr-defined]
        signal.pause()


def test_what_a_killed_process_left_is_deleted_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    child = context.Process(target=leave_a_file, args=(tmp_path, ready))
    child.start()
    assert ready.wait(30)
    living = Spool(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    Spool(tmp_path).close()
    assert list(tmp_path.iterdir()) == [living.folder]
    living.close()
