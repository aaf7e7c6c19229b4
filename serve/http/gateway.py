"""gunicorn's threads, whose refusals of what is no HTTP are problems like all others, and whose logs name nobody.

The parent process loads this; what it does not need is imported where it is used.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from contextlib import suppress
from typing import Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

log = logging.getLogger(__name__)

# What gunicorn's parser raises -> status and phrase; all else of it is a bad request.
REFUSALS: dict[type[Exception], tuple[int, str]] = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
}
BAD, FAULT = (400, "Bad Request"), (500, "Internal Server Error")
Address = tuple[Any, ...] | str

_current = threading.local()


class Gateway(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker process: one thread listens, the others answer."""

    def handle_error(self, req: object, client: socket.socket, addr: Address, exc: BaseException) -> None:
        """Answer what never reached the application; gunicorn itself would send HTML and log the address."""
        refused = isinstance(exc, errors.ParseException)
        status, phrase = REFUSALS.get(type(exc), BAD) if refused else FAULT  # type: ignore[arg-type]
        if refused:
            log.info("refused what is no proper HTTP: %s", type(exc).__name__)
        else:
            log.error("fault", exc_info=exc)
        with suppress(OSError):
            util.write_nonblock(client, _answer(status, phrase))


def remember(worker: object, asked: Any) -> None:
    """gunicorn's hook before each request: how this thread can announce the end of its connection."""
    _current.close = asked.force_close


def announce_end() -> None:
    """Let the answer that this thread is about to give be the last one on its connection."""
    close = getattr(_current, "close", None)
    if close is not None:
        close()


def _answer(status: int, phrase: str) -> bytes:
    from catchlight.serve.http.headers import NOTHING, SECURITY
    from catchlight.serve.http.problems import MEDIA_TYPE, problem

    code = "bad_request" if status < 500 else "internal_error"
    body = json.dumps(problem(code, "this is no proper HTTP request", status=status)).encode()
    headers = {
        "Connection": "close",
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Content-Security-Policy": NOTHING,
        **SECURITY,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode("ascii") + body
