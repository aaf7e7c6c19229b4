"""Bodies must come in time and whole, few of them at once; the rest of what nobody wanted to read is announced.

A refusal may be sent while the client is still sending its file. A little of it is read and dropped by the gateway, for
the sake of the connection; after more than that the connection ends, and the answer says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from flask import Flask, Response, request

from catchlight.detector.errors import Overloaded, RequestTooSlow
from catchlight.serve.http import gateway, problems
from catchlight.serve.http.config import ServerConfig


class Stream(Protocol):
    """A body."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """The next line."""
        ...


class Places:
    """How many bodies may be on their way at once: each holds a thread, and some must be left for all else.

    Args:
        most: Bodies.

    Example:
        >>> places = Places(1)
        >>> places.take(), places.take(), places.free(), places.take()
        (True, False, None, True)
    """

    def __init__(self, most: int) -> None:
        self._left = threading.Semaphore(most)

    def take(self) -> bool:
        """Whether there was one left."""
        return self._left.acquire(blocking=False)

    def free(self) -> None:
        """Give one back."""
        self._left.release()


class Timed:
    """A body that must be there by a certain time, and whole.

    Args:
        source: Where it comes from.
        until: When it must have come.
        places: Where it has a place from its first byte to its last.
        expected: How many bytes its sender announced; None if it did not.

    Attributes:
        left: Bytes that were announced and not read; None where nobody knows.
    """

    def __init__(self, source: Stream, until: float, places: Places, expected: int | None = None) -> None:
        self._source, self._until, self._places, self.left = source, until, places, expected
        self._has_place = False

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        return self._count(self._timed(self._source.read, size), size)

    def readline(self, size: int = -1, /) -> bytes:
        """The next line."""
        return self._count(self._timed(self._source.readline, size), size)

    def leave(self) -> None:
        """Give the place back; calling it twice is fine."""
        if self._has_place:
            self._has_place = False
            self._places.free()

    def _timed(self, read: Callable[[int], bytes], size: int) -> bytes:
        if time.monotonic() > self._until:
            raise _too_slow()
        if not self._has_place and self.left != 0:
            self._has_place = self._places.take()
            if not self._has_place:
                raise Overloaded("too many files are being sent at once; come again")
        try:
            return read(size)
        except TimeoutError as error:
            raise _too_slow() from error

    def _count(self, piece: bytes, size: int) -> bytes:
        """A file of which the end is missing must not be judged as if it were all."""
        if self.left is not None:
            self.left -= len(piece)
            if self.left > 0 and size != 0 and (not piece or size < 0):
                missing, self.left = self.left, None
                problems.refuse(
                    "bad_request", f"the body broke off {missing:,} bytes too early; send it again"
                )
        elif size < 0 or (size and not piece):
            self.left = 0
        if self.left == 0:
            self.leave()
        return piece


def install(app: Flask, config: ServerConfig) -> None:
    """Give every body its time and its place, and say so where what is left of it ends the connection."""
    places = Places(config.max_bodies)

    def begin() -> None:
        chunked = "HTTP_TRANSFER_ENCODING" in request.environ
        expected = None if chunked else request.content_length or 0
        source, until = request.environ["wsgi.input"], time.monotonic() + config.body_seconds
        request.environ["wsgi.input"] = Timed(source, until, places, expected)

    def end(response: Response) -> Response:
        body = request.environ["wsgi.input"]
        if isinstance(body, Timed):
            body.leave()
            if not gateway.is_short(body.left):
                gateway.announce_end()
        return response

    app.before_request(begin)
    app.after_request(end)


def _too_slow() -> RequestTooSlow:
    return RequestTooSlow("the body did not come in time; send it again, or a smaller file")
