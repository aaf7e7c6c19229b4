"""Bodies that come too slowly end, and what nobody wanted to read is out of the way before the next request.

A refusal may be sent while the client is still sending its file. Were the rest left lying, the connection would have
to be closed under the client's next request; so a little is read and dropped, and after more its end is announced.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Protocol

from flask import Flask, Response, request

from catchlight.serve.http import problems
from catchlight.serve.http.config import ServerConfig

DROPPED = 4 << 20  # bytes that are read for nothing, and
DROPPING = 1.0  # s that it may take, rather than closing a connection
PIECE = 1 << 18
SILENCE = 15.0  # s without a byte after which a client has gone

_current = threading.local()


class Stream(Protocol):
    """A body."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""
        ...

    def readline(self, size: int = -1, /) -> bytes:
        """The next line."""
        ...


class Timed:
    """A body that must be there by a certain time.

    Args:
        source: Where it comes from.
        until: When it must have come.
    """

    def __init__(self, source: Stream, until: float) -> None:
        self._source, self._until = source, until

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        self._check()
        try:
            return self._source.read(size)
        except TimeoutError:
            _too_slow()
            raise

    def readline(self, size: int = -1, /) -> bytes:
        """The next line."""
        self._check()
        try:
            return self._source.readline(size)
        except TimeoutError:
            _too_slow()
            raise

    def _check(self) -> None:
        if time.monotonic() > self._until:
            _too_slow()


def install(app: Flask, config: ServerConfig) -> None:
    """Give every body its time, and drop what is left of it before the answer is sent."""

    def begin() -> None:
        line = request.environ.get("gunicorn.socket")
        if line is not None:
            line.settimeout(SILENCE)
        source = request.environ["wsgi.input"]
        request.environ["wsgi.input"] = Timed(source, time.monotonic() + config.body_seconds)

    def end(response: Response) -> Response:
        # Only a server that marks the end of bodies can be asked for the rest; another would wait for ever.
        if request.environ.get("wsgi.input_terminated") and not _drop(request.environ["wsgi.input"]):
            close = getattr(_current, "close", None)
            if close is not None:
                close()
        return response

    app.before_request(begin)
    app.after_request(end)


def remember(worker: object, asked: Any) -> None:
    """gunicorn's hook before each request: how this thread can announce the end of its connection."""
    _current.close = asked.force_close


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


def _too_slow() -> None:
    problems.refuse("body_too_slow", "the body did not come in time; send it again, or a smaller file")
