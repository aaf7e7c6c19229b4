"""gunicorn's threads, given only to requests that are there: strangers who send nothing, little or too much hold none.

Its refusals of what is no HTTP are problems like all others, and its logs name nobody. The parent process loads this;
what it does not need is imported where it is used.
"""

from __future__ import annotations

import json
import logging
import signal
import socket
import threading
import time
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING, Any

from gunicorn import util
from gunicorn.http import errors
from gunicorn.workers.gthread import TConn, ThreadWorker

from catchlight.detector.errors import RequestTooSlow
from catchlight.serve.http.pace import Pace, Paced

if TYPE_CHECKING:
    from catchlight.serve.http.door import Door

log = logging.getLogger(__name__)

# What gunicorn's parser raises -> status and phrase; all else of it is a bad request.
REFUSALS: dict[type[Exception], tuple[int, str]] = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
    RequestTooSlow: (408, "Request Timeout"),
}
BAD, FAULT = (400, "Bad Request"), (500, "Internal Server Error")
DROPPED = 4 << 20  # bytes of an unwanted body that are read for nothing, and
DROPPING = 1.0  # s that it may take, rather than closing a connection
PIECE = 1 << 18
HEAD = 16 << 10  # bytes of a head that are waited for without a thread
LINGER = 2.0  # s in which a client may read the last answer before its connection is closed
STOPPING = 0.5  # s that a connection on which nothing was asked is kept when the server stops
HELD = (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)  # kept back until a new process can act on them
Address = tuple[Any, ...] | str

_current = threading.local()


class Gateway(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker process: one thread listens, the others answer."""

    _door: Door
    _pace: Pace

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._leaving: deque[TConn] = deque()

    def init_signals(self) -> None:
        """Act on signals from now on, and on those that came meanwhile."""
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)

    def load_wsgi(self) -> None:
        """Make the application, and the door before it."""
        super().load_wsgi()
        from catchlight.serve.http.door import Door
        from catchlight.serve.http.service import NAME

        service = self.wsgi.extensions[NAME]
        self._door, self._pace = Door(service), Pace(total=service.config.body_seconds)

    def accept(self, listener: socket.socket) -> None:
        """Take a connection, and wait for its request without a thread."""
        with suppress(BlockingIOError, ConnectionAbortedError):
            plain, address = listener.accept()
            self.nr_conns += 1
            self._attend(TConn(self.cfg, Paced(plain, self._pace), address, listener.getsockname()))

    def set_accept_enabled(self, enabled: bool) -> None:
        """Listen, or not; a server that stops takes who has knocked already, and then hangs up."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                with suppress(OSError):
                    self.accept(listener)
            listener.close()
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, time.monotonic() + STOPPING)

    def on_client_socket_readable(self, conn: TConn, client: Paced) -> None:
        """A connection from which a request has come before."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._attend(conn)

    def on_pending_socket_readable(self, conn: TConn, client: Paced) -> None:
        """Bytes have come; a thread is given when the head of a request is whole."""
        if _head_is_there(conn, client.plain):
            super().on_pending_socket_readable(conn, client)

    def handle(self, conn: TConn) -> Any:
        """Answer one request, in a thread."""
        conn.sock.start()
        return super().handle(conn)

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Refuse by the head, or ask the application; what is left of the body is out of the way afterwards."""
        last = req.should_close() or not self.alive or not is_short(_announced(req))
        refusal = self._door.refusal(req.method, req.path, req.headers, last)
        if refusal is None:
            return bool(super().handle_request(req, conn)) and _drained(req.body)
        conn.sock.sendall(refusal)
        return not last and _drained(req.body)

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep the connection or let it go; gunicorn itself would stop listening until the client has hung up."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
            return
        conn.sock, conn.timeout = getattr(conn.sock, "plain", conn.sock), time.monotonic() + LINGER
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, partial(self._on_leaving_readable, conn))
            self._leaving.append(conn)
        except (OSError, ValueError):
            self._close(conn)

    def murder_pending(self) -> None:
        """Close what has waited too long: for a request, or for its client to hang up."""
        now = time.monotonic()
        for conn in [conn for conn in self.pending_conns if conn.timeout <= now]:
            if getattr(conn, "begun", False):
                self.handle_error(None, conn.sock.plain, conn.client, RequestTooSlow())
        super().murder_pending()
        while self._leaving and self._leaving[0].timeout <= now:
            self._let_go(self._leaving[0])

    def handle_error(self, req: object, client: socket.socket, addr: Address, exc: BaseException) -> None:
        """Answer what never reached the application; gunicorn itself would send HTML and log the address."""
        refused = isinstance(exc, errors.ParseException | RequestTooSlow)
        status, phrase = REFUSALS.get(type(exc), BAD) if refused else FAULT  # type: ignore[arg-type]
        if refused:
            log.info("refused what is no proper HTTP: %s", type(exc).__name__)
        else:
            log.error("fault", exc_info=exc)
        with suppress(OSError):
            util.write_nonblock(client, _answer(status, phrase))

    def _attend(self, conn: TConn) -> None:
        """Wait for a request on a connection."""
        conn.sock.setblocking(False)
        conn.begun, conn.timeout = False, time.monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _on_leaving_readable(self, conn: TConn, client: socket.socket) -> None:
        """Read for nothing what a client still sends: closing at once would take the answer away from it."""
        with suppress(BlockingIOError):
            try:
                conn.dropped = getattr(conn, "dropped", 0) + (len(client.recv(PIECE)) or DROPPED)
            except ConnectionError:
                conn.dropped = DROPPED
            if conn.dropped >= DROPPED:
                self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        self._leaving.remove(conn)
        self.poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def remember(worker: object, asked: Any) -> None:
    """gunicorn's hook before each request: how this thread can announce the end of its connection."""
    _current.close = asked.force_close


def announce_end() -> None:
    """Let the answer that this thread is about to give be the last one on its connection."""
    close = getattr(_current, "close", None)
    if close is not None:
        close()


def is_short(left: int | None) -> bool:
    """Whether so many bytes of a body, None if nobody knows, are read for nothing rather than closing a connection."""
    return left is not None and left <= DROPPED


def _announced(req: Any) -> int | None:
    """Bytes of a body that its client sends whatever it is told; None where that is unknown."""
    found = dict(req.headers)
    if "TRANSFER-ENCODING" in found or "EXPECT" in found:
        return None
    return int(found.get("CONTENT-LENGTH", 0))


def _drained(body: Any) -> bool:
    """Read what is left of a body; False if that is too much, takes too long, or can't be read."""
    until, left = time.monotonic() + DROPPING, DROPPED
    try:
        while left > 0 and time.monotonic() < until:
            piece = body.read(PIECE)
            if not piece:
                return True
            left -= len(piece)
    except Exception:  # a broken body was told already, or nobody is there to be told
        return False
    return False


def _head_is_there(conn: TConn, plain: socket.socket) -> bool:
    """Whether a thread would not have to wait for the head; if it would, the system wakes us for more than is there."""
    try:
        seen = plain.recv(HEAD, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        seen = b""
    whole = not seen or len(seen) >= HEAD or b"\r\n\r\n" in seen or b"\n\n" in seen
    conn.begun = not whole
    with suppress(OSError):
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1 if whole else len(seen) + 1)
    return whole


def _answer(status: int, phrase: str) -> bytes:
    from catchlight.serve.http.headers import whole
    from catchlight.serve.http.problems import problem

    code, said = (
        {408: "body_too_slow", 500: "internal_error"}.get(status, "bad_request"),
        {
            408: "the request did not come in time; send it again",
        },
    )
    detail = said.get(status, "this is no proper HTTP request")
    body = json.dumps(problem(code, detail, status=status)).encode()
    return whole(status, phrase, body, {}, last=True)
