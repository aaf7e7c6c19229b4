"""Writing that leaves nothing half done: whole files only, and one run at a time in a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catchlight.detector.errors import DataError

LOCK = ".lock"


@contextmanager
def whole(path: Path, writer: str = "") -> Iterator[Path]:
    """Write a file so that it appears whole or not at all.

    Args:
        path: The file; what is there stays until the new one is complete.
        writer: Who writes, where several may write one file at a time.

    Yields:
        Where to write instead, in the same folder and with the same suffix.

    Raises:
        DataError: If it can't be written; a full disk, for one.
    """
    partial = path.with_name(f".{path.stem}{writer}.partial{path.suffix}")
    try:
        with writing(path):
            if not path.parent.is_dir():
                path.parent.mkdir(parents=True, exist_ok=True)
            yield partial
            partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def write(path: Path, data: bytes) -> None:
    """Write a file's bytes so that it appears whole or not at all, whoever else writes it too.

    Raises:
        DataError: If it can't be written.
    """
    with whole(path, f".{os.getpid()}") as partial:
        partial.write_bytes(data)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Whatever the system refuses while writing to ``path``, as a DataError that says what to do."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path} can't be written: {error.strerror or error}. Make room or give leave to write, then run the "
            "same command again; it goes on from there."
        ) from error


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Let one run at a time work in a folder, which is made; the system lifts the lock when the run ends or dies.

    Raises:
        DataError: If another run is at work there, or the folder can't be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _lock(folder, handle)
        yield
    finally:
        os.close(handle)


def _lock(folder: Path, handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.read(handle, 20).decode(errors="replace") or "unknown"
        raise DataError(
            f"another run (process {owner}) is writing to {folder}; wait for it to end, or choose another folder"
        ) from error
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
