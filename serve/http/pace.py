"""A connection whose client must keep a pace: a thread is never held by one that sends a byte now and then."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Any

from catchlight.detector.errors import RequestTooSlow


@dataclass(frozen=True, slots=True)
class Pace:
    """How slowly a request may come.

    Example:
        >>> Pace(total=60.0, grace=5.0, rate=10_000).allowed(received=20_000)
        7.0
    """

    total: float = 60.0  # s in which all of it must have come
    grace: float = 5.0  # s before the rate counts
    rate: float = 20_000.0  # bytes a second from then on, on average

    def allowed(self, received: int) -> float:
        """Seconds from the beginning after which the next byte must have come."""
        return min(self.total, self.grace + received / self.rate)


class Paced:
    """A socket that raises `RequestTooSlow` in place of waiting for ever; all else is the plain socket's.

    Args:
        plain: The connection.
        pace: What its client must keep, from `start` on.
        sending: Seconds in which the client must take what is sent to it.
    """

    def __init__(self, plain: socket.socket, pace: Pace, sending: float = 30.0) -> None:
        self.plain, self._pace, self._sending = plain, pace, sending
        self._asked: float | None = None
        self.start()

    def start(self) -> None:
        """A request begins."""
        self._began, self._received = time.monotonic(), 0

    def recv(self, size: int, flags: int = 0) -> bytes:
        """The next bytes. Raises RequestTooSlow."""
        left = self._began + self._pace.allowed(self._received) - time.monotonic()
        if left <= 0:
            raise _too_slow()
        self.plain.settimeout(left if self._asked is None else min(left, self._asked))
        try:
            data = self.plain.recv(size, flags)
        except TimeoutError:
            if self._asked is None or left <= self._asked:
                raise _too_slow() from None
            raise
        self._received += len(data)
        return data

    def send(self, data: bytes) -> int:
        """As the socket's, but not for ever."""
        self.plain.settimeout(self._sending)
        return self.plain.send(data)

    def sendall(self, data: bytes) -> None:
        """As the socket's, but not for ever."""
        self.plain.settimeout(self._sending)
        self.plain.sendall(data)

    def settimeout(self, seconds: float | None) -> None:
        """As the socket's; the pace holds as well."""
        self._asked = seconds
        self.plain.settimeout(seconds)

    def gettimeout(self) -> float | None:
        """What was set."""
        return self._asked

    def setblocking(self, blocking: bool) -> None:
        """As the socket's."""
        self._asked = None if blocking else 0.0
        self.plain.setblocking(blocking)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)


def _too_slow() -> RequestTooSlow:
    return RequestTooSlow("the request did not come in time; send it again, or a smaller file")
