"""Messages between the service and its child: a length and one JSON value each, never pickles.

What the child says may come from a decoder that a file has taken over, so the parent bounds its length and its time.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catchlight.detector import errors
from catchlight.detector.errors import (
    CatchlightError,
    ConfigError,
    DataError,
    DecoderCrashed,
    MediaTookTooLong,
    ServiceError,
    UnknownName,
)
from catchlight.serve.sandbox.config import SandboxConfig

if TYPE_CHECKING:
    from catchlight.detector.types import Report

LONGEST_OPTIONS = 16 << 10  # bytes; less than a pipe holds, so that writing never waits
MOST = 64 << 20  # bytes; a report takes kilobytes, a page with pictures some megabytes
LENGTH = struct.Struct("<I")
Message = dict[str, Any]


def send(to: int, message: Message) -> None:
    """Write one message to a pipe.

    Raises:
        OSError: The other side is gone.
    """
    text = json.dumps(message, allow_nan=False).encode()
    data = memoryview(LENGTH.pack(len(text)) + text)
    while data:
        data = data[os.write(to, data) :]


def readable(source: int, seconds: float) -> bool:
    """Whether something, or the end, comes within this time."""
    line = select.poll()  # and not select.select, which fails from the 1024th descriptor on
    line.register(source, select.POLLIN)
    return bool(line.poll(1e3 * seconds))


def receive(source: int, seconds: float | None = None) -> Message | None:
    """Read one message from a pipe.

    Args:
        source: The pipe.
        seconds: How long to wait for the whole of it; None for ever.

    Returns:
        The message; None when the other side is gone.

    Raises:
        MediaTookTooLong: It did not come in time.
        DataError: It is over `MOST` bytes, or no JSON object.
    """
    until = None if seconds is None else time.monotonic() + seconds
    head = _read(source, LENGTH.size, until)
    if head is None:
        return None
    (length,) = LENGTH.unpack(head)
    if length > MOST:
        raise DataError(f"a message of {length:,} bytes from the sandbox; at most {MOST:,} are read")
    body = _read(source, length, until)
    return None if body is None else _object(body)


def _object(text: bytes) -> Message:
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DataError(f"expected JSON from the sandbox, received {text[:40]!r}: {error}") from error
    if not isinstance(value, dict):
        raise DataError(f"expected an object from the sandbox, received {text[:40]!r}")
    return value


def _refuse(word: str) -> None:
    raise DataError(f"{word} from the sandbox is no number of JSON")


def _read(source: int, count: int, until: float | None) -> bytes | None:
    data = bytearray()
    while len(data) < count:
        if until is not None and not readable(source, max(0.0, until - time.monotonic())):
            raise MediaTookTooLong("no message in time")
        part = os.read(source, min(count - len(data), 1 << 20))
        if not part:
            return None
        data += part
    return bytes(data)


def describe(error: CatchlightError, path: str, name: str) -> Message:
    """An error of ours as a message, the file called as its owner calls it."""
    facts = [error.what, error.name, *error.valid] if isinstance(error, UnknownName) else []
    return {"class": type(error).__name__, "message": str(error).replace(path, name), "facts": facts}


def rebuild(message: object) -> CatchlightError:
    """The inverse of `describe`.

    An error of the service itself can't come from a child: who says so was taken over, and gets `DecoderCrashed`.

    Example:
        >>> rebuild({"class": "NotMedia", "message": "a.txt is neither", "facts": []})
        NotMedia('a.txt is neither')
    """
    said = message if isinstance(message, dict) else {}
    kind, text, facts = (
        getattr(errors, str(said.get("class")), None),
        str(said.get("message")),
        said.get("facts"),
    )
    if not (isinstance(kind, type) and issubclass(kind, CatchlightError)) or issubclass(kind, ServiceError):
        return DecoderCrashed(f"an answer of the sandbox that is none: {text[:200]}")
    if kind is UnknownName and isinstance(facts, list) and len(facts) >= 2:
        return UnknownName(str(facts[0]), str(facts[1]), map(str, facts[2:]))
    return ConfigError(text) if kind is UnknownName else kind(text)


def task_of(
    path: Path, name: str, options: Mapping[str, object], config: SandboxConfig, first_look: bool
) -> Message:
    """What a child is asked: to judge one file.

    Raises:
        ConfigError: The options are no JSON values, or too long.
    """
    task = {
        "path": str(path.absolute()),
        "name": name,
        "options": dict(options),
        "cpu_seconds": config.cpu_seconds,
        "first_look": first_look,
    }
    try:
        length = len(json.dumps(task, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"options must be plain JSON values, received {options!r}: {error}") from error
    if length > LONGEST_OPTIONS:
        raise ConfigError(
            f"options and name take {length:,} characters; at most {LONGEST_OPTIONS:,} are read"
        )
    return task


def checked(report: Any) -> Report:
    """What the child says as a report, if it is one: a file may have taken it over.

    Raises:
        DataError: It is none.
    """
    from catchlight.detector.report import from_dict

    return from_dict(report)
