"""Bodies become files for a moment, and never stay."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from catchlight.serve.http.uploads import Spool, clean


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


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\me.png", "me.png"),
        ("a\nb\x1b[31m\u202e.jpg", "ab[31m.jpg"),
        ("", "upload"),
        ("///", "upload"),
        ("x" * 300, "x" * 255),
        ("Šárka 😀.jpg", "Šárka 😀.jpg"),
    ],
)
def test_names_keep_what_people_read_and_nothing_else(name: str, expected: str) -> None:
    assert clean(name) == expected
