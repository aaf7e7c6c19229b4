"""Bodies that come too slowly end, and what nobody wanted to read is out of the way before the next request.

A refusal may be sent while the client is still sending its file. Were the rest left lying, the connection would have
to be closed under the client's next request; so a little is read and dropped, and after more its end is announced.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NoReturn, Protocol

from flask import Flask, Response, request

from catchlight.serve.http import gateway, problems
from catchlight.serve.http.config import ServerConfig

DROPPED = 4 << 20  # bytes that are read for nothing, and
DROPPING = 1.0  # s that it may take, rather than closing a connection
PIECE = 1 << 18
SILENCE = 15.0  # s without a byte after which a client has gone


class Stream(Protocol):
    """A body."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """The next line."""
        ...


class Timed:
    """A body that must be there by a certain time, and whole.

    Args:
        source: Where it comes from.
        until: When it must have come.
        expected: How many bytes its sender announced; None if it did not.
    """

    def __init__(self, source: Stream, until: float, expected: int | None = None) -> None:
        self._source, self._until, self._missing = source, until, expected

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        return self._count(self._timed(self._source.read, size), size)

    def readline(self, size: int = -1, /) -> bytes:
        """The next line."""
        return self._count(self._timed(self._source.readline, size), size)

    def _timed(self, read: Callable[[int], bytes], size: int) -> bytes:
        if time.monotonic() > self._until:
            _too_slow()
        try:
            return read(size)
        except TimeoutError:
            _too_slow()

    def _count(self, piece: bytes, size: int) -> bytes:
        """A file of which the end is missing must not be judged as if it were all."""
        if self._missing is not None:
            self._missing -= len(piece)
            if self._missing > 0 and size != 0 and (not piece or size < 0):
                missing, self._missing = self._missing, None
                problems.refuse(
                    "bad_request", f"the body broke off {missing:,} bytes too early; send it again"
                )
        return piece


def install(app: Flask, config: ServerConfig) -> None:
    """Give every body its time, and drop what is left of it before the answer is sent."""

    def begin() -> None:
        line = request.environ.get("gunicorn.socket")
        if line is not None:
            line.settimeout(SILENCE)
        source, until = request.environ["wsgi.input"], time.monotonic() + config.body_seconds
        request.environ["wsgi.input"] = Timed(source, until, request.content_length)

    def end(response: Response) -> Response:
        # Only a server that marks the end of bodies can be asked for the rest; another would wait for ever.
        if request.environ.get("wsgi.input_terminated") and not _drop(request.environ["wsgi.input"]):
            gateway.announce_end()
        return response

    app.before_request(begin)
    app.after_request(end)


def _drop(source: Stream) -> bool:
    """Read what is left; False if that is too much, takes too long, or can't be read."""
    until, left = time.monotonic() + DROPPING, DROPPED
    try:
        while left > 0 and time.monotonic() < until:
            piece = source.read(PIECE)
            if not piece:
                return True
            left -= len(piece)
    except Exception:  # a broken body was told already, or nobody is there to be told
        return False
    return False


def _too_slow() -> NoReturn:
    problems.refuse("body_too_slow", "the body did not come in time; send it again, or a smaller file")
