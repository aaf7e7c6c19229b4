"""A folder for media that are judged at the moment; nothing of them stays, not even when a process is killed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

CHUNK = 1 << 18
LOCK = ".lock"  # held for as long as the process lives; the system lets go of it however that ends


class Readable(Protocol):
    """Something that bytes come from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent.

    Attributes:
        path: Where it lies.
        name: What its owner calls it, without folders and control characters.
        sha256: Hash of its bytes.
    """

    path: Path
    name: str
    sha256: str


class Spool:
    """A folder of this process for the media that it judges at the moment.

    What a killed process left there is deleted by the next one: strangers' media don't pile up.

    Args:
        parent: The folder in which processes have theirs.
    """

    def __init__(self, parent: Path) -> None:
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(parent)
        self.folder = Path(tempfile.mkdtemp(dir=parent, prefix="of-"))
        self._lock = os.open(self.folder / LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    @contextmanager
    def _file(self) -> Iterator[tuple[Path, IO[bytes]]]:
        """A new file and its path; deleted at the end, whatever happens."""
        handle, name = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                yield Path(name), file
        finally:
            Path(name).unlink(missing_ok=True)

    @contextmanager
    def keep(self, source: Readable, name: str) -> Iterator[Upload]:
        """The bytes of a stream as a file."""
        with self._file() as (path, file):
            digest = hashlib.sha256()
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            yield Upload(path, name, digest.hexdigest())

    def close(self) -> None:
        """Delete the folder; calling it twice is fine."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _sweep(parent: Path) -> None:
    for folder in parent.glob("of-*"):
        with suppress(OSError), (folder / LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
