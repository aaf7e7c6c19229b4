"""Bodies -> files: a request's media on disk for as long as a `with` block, and never longer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from flask import Request
from werkzeug.datastructures import FileStorage

from catchlight.serve.http import problems
from catchlight.serve.http.spool import Spool, Upload

NAMELESS = "upload"
MULTIPART = "multipart/form-data"
# What a body says that it is. Content decides later; these are only what curl and browsers send for files.
RAW = re.compile(r"(image|video|audio)/.+|application/(octet-stream|mp4|ogg|x-www-form-urlencoded|mxf)|")
HOW = "send the file as the body (curl --data-binary @a.jpg), or as the part 'file' of a form (curl -F file=@a.jpg)"


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
    parts, names = request.files.getlist("file"), sorted({*request.files, *request.form})
    if not parts:
        had = ", ".join(names) or "none"
        problems.refuse("invalid_request", f"the form has no file named 'file' (it has: {had[:200]}); {HOW}")
    if others := ", ".join(name for name in names if name != "file"):
        problems.refuse(
            "invalid_request",
            f"a form holds files named 'file' alone, received also {others[:200]}; options go into the address "
            "(/v1/detect?frames=32)",
        )
    return parts


def _raw(request: Request) -> IO[bytes]:
    if not RAW.fullmatch(request.mimetype):
        problems.refuse("unsupported_media_type", f"a body of {request.mimetype[:100]!r} is not read; {HOW}")
    if not request.content_length and not request.headers.get("Transfer-Encoding"):
        problems.refuse("bad_request", f"the request has no body; {HOW}")
    return request.stream
