"""Where the media of jobs lie, and the pages on them: one folder, shared by all machines that work on the jobs."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from catchlight.detector.errors import MediaNotFound, StoreError

MEDIA, PAGE, SECRET = ".media", ".html", "webhook.secret"
STRAY = 900.0  # seconds after which a file that no job knows is nobody's


class Folder:
    """Files by job id; a file is there whole or not at all.

    Args:
        path: The folder; made where it is missing, readable by its owner only.

    Attributes:
        files: The folder inside it that sandboxes may read; the secret is not in there.

    Raises:
        StoreError: It can't be made or written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.files = self.path / "files"
        with self._errors():
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.files.mkdir(exist_ok=True, mode=0o700)
            probe = self.files / f".{secrets.token_hex(8)}"
            probe.touch()
            probe.unlink()

    def keep(self, id: str, source: Path) -> str:
        """Take a copy of a file; returns its SHA-256.

        Raises:
            MediaNotFound: There is no such file.
            StoreError: The disk is full, or the folder can't be written to.
        """
        try:
            file = source.open("rb")
        except OSError as error:
            raise MediaNotFound(f"{source} can't be read ({error}); expected a file to judge") from error
        with file, self._writing(self.media(id)) as place:
            _link_or_copy(source, place)
            return hashlib.file_digest(file, "sha256").hexdigest()

    def media(self, id: str) -> Path:
        """Where a job's file lies."""
        return self.files / f"{id}{MEDIA}"

    def keep_page(self, name: str, text: str) -> str:
        """Write a page; returns the name by which `page` finds it."""
        with self._writing(self.files / f"{name}{PAGE}") as place:
            place.write_text(text, encoding="utf-8", errors="replace")
        return f"{name}{PAGE}"

    def page(self, name: str) -> str | None:
        """A page; None when it is gone."""
        try:
            return (self.files / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"the page {name} can't be read: {error}") from error

    def drop(self, *paths: Path) -> None:
        """Delete files; those that are gone are no error."""
        with self._errors():
            for path in paths:
                path.unlink(missing_ok=True)

    def drop_page(self, name: str | None) -> None:
        """Delete a page, if there is one of this name."""
        if name is not None:
            self.drop(self.files / name)

    def drop_all(self, id: str) -> None:
        """Delete a job's file and its pages."""
        self.drop(self.media(id), *self.files.glob(f"{id}.*{PAGE}"))

    def strays(self, wanted: Callable[[str], bool]) -> int:
        """Delete what a crash left behind: files of jobs that are unknown or over; returns how many.

        Args:
            wanted: Whether a file of this name may be needed.
        """
        count = 0
        with self._errors():
            for entry in list(os.scandir(self.files)):
                with suppress(FileNotFoundError):
                    old = time.time() - entry.stat().st_ctime > STRAY
                    if old and not wanted(entry.name):
                        self.drop(Path(entry.path))
                        count += 1
        return count

    def secret(self) -> bytes:
        """The key from which those of webhooks are made: drawn at the first use, one for all who share the folder."""
        place = self.path / SECRET
        with self._errors():
            if not place.exists():
                fresh = self.path / f".{secrets.token_hex(8)}"
                fresh.touch(0o600)
                fresh.write_bytes(secrets.token_bytes(32))
                with suppress(FileExistsError):  # somebody else was faster
                    os.link(fresh, place)
                fresh.unlink()
            return place.read_bytes()

    @contextmanager
    def _writing(self, place: Path) -> Iterator[Path]:
        """A place to write to first; what is there at the end gets its name at once, safe on the disk."""
        fresh = self.files / f".{secrets.token_hex(8)}"
        with self._errors():
            try:
                yield fresh
                _sync(fresh)
                fresh.replace(place)
                _sync(self.files)  # the name, too
            finally:
                fresh.unlink(missing_ok=True)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"media can't be kept in {self.path}: {error.strerror or error}. "
                "Is the disk full, or the folder not writable for this user? Jobs that were taken are safe."
            ) from error


def _sync(path: Path) -> None:
    """Wait until the disk has it."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _link_or_copy(source: Path, place: Path) -> None:
    """A second name for the same bytes where the file system can, else a copy."""
    try:
        os.link(source, place)
    except OSError:
        shutil.copyfile(source, place)
