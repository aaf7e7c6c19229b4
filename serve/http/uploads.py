"""Bodies -> files: a request's media on disk for as long as a `with` block, and never longer."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from flask import Request
from werkzeug.datastructures import FileStorage

from catchlight.serve.http import problems

CHUNK = 1 << 18
NAMELESS = "upload"
MULTIPART = "multipart/form-data"
# What a body says that it is. Content decides later; these are only what curl and browsers send for files.
RAW = re.compile(r"(image|video|audio)/.+|application/(octet-stream|mp4|ogg|x-www-form-urlencoded|mxf)|")
HOW = "send the file as the body (curl --data-binary @a.jpg), or as the part 'file' of a form (curl -F file=@a.jpg)"


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
        self._lock = (self.folder / ".lock").open("w")
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
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._lock.close()


@contextmanager
def received(request: Request, spool: Spool, name: str | None = None) -> Iterator[Upload]:
    """The one file of a request.

    Args:
        request: With the file as its body, or as the part ``file`` of a form.
        spool: Where to put it.
        name: What to call it; by default as the form does.
    """
    if request.mimetype == MULTIPART:
        parts = _parts(request)
        if len(parts) != 1:
            problems.refuse(
                "invalid_request", f"expected one part 'file', received {len(parts)}; /v1/batch takes more"
            )
        source, own = parts[0].stream, parts[0].filename
    else:
        source, own = _raw(request), None
    with spool.keep(source, clean(name or own or NAMELESS)) as upload:
        yield upload


def several(request: Request, most: int) -> list[FileStorage]:
    """The files of a batch."""
    if request.mimetype != MULTIPART:
        problems.refuse("unsupported_media_type", "a batch is a form: curl -F file=@a.jpg -F file=@b.jpg")
    parts = _parts(request)
    if len(parts) > most:
        problems.refuse(
            "payload_too_large", f"{len(parts)} files in one batch, at most {most} are taken; send several"
        )
    return parts


def clean(name: str) -> str:
    """A file's name without folders, and without what could steer a terminal or a header.

    Example:
        >>> clean("../../etc/passwd"), clean("a\\x1b[2J.jpg")
        ('passwd', 'a[2J.jpg')
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    return shown.strip()[-255:] or NAMELESS


def _parts(request: Request) -> list[FileStorage]:
    parts = request.files.getlist("file")
    if not parts:
        had = ", ".join(sorted({*request.files, *request.form})) or "none"
        problems.refuse("invalid_request", f"the form has no file named 'file' (it has: {had[:200]}); {HOW}")
    return parts


def _raw(request: Request) -> IO[bytes]:
    if not RAW.fullmatch(request.mimetype):
        problems.refuse("unsupported_media_type", f"a body of {request.mimetype[:100]!r} is not read; {HOW}")
    if not request.content_length and not request.headers.get("Transfer-Encoding"):
        problems.refuse("bad_request", f"the request has no body; {HOW}")
    return request.stream


def _sweep(parent: Path) -> None:
    for folder in parent.glob("of-*"):
        with suppress(OSError), (folder / ".lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
