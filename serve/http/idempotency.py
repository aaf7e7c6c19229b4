"""The same request again gets the same answer: a memory of answers by the client's own key."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from catchlight.detector.errors import JobConflict

LIFETIME = 24 * 3600.0  # s


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that was given: what was asked, what was said, in which form, and when."""

    question: str
    body: bytes
    content_type: str
    at: float


class Memory:
    """Answers by owner and key, the oldest forgotten first.

    It is of one process: where another one gets the request again it judges anew, with the same result.

    Args:
        size: Most answers kept; 0 keeps none.

    Example:
        >>> memory = Memory(2)
        >>> with memory.once("ann", "k1", "file 7"):
        ...     memory.keep("ann", "k1", "file 7", b"real", "text/plain")
        >>> memory.find("ann", "k1", "file 7").body
        b'real'
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self._asked: dict[tuple[str, str], str] = {}

    def find(self, owner: str, key: str, question: str) -> Kept | None:
        """The answer to this question, if it was given before.

        Raises:
            JobConflict: The key was used for another question.
        """
        with self._lock:
            kept = self._kept.get((owner, key))
            if kept is None or time.time() - kept.at > LIFETIME:
                return None
            if kept.question != question:
                raise _conflict(key)
            return kept

    def keep(self, owner: str, key: str, question: str, body: bytes, content_type: str) -> None:
        """Remember an answer."""
        with self._lock:
            self._kept[owner, key] = Kept(question, body, content_type, time.time())
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    @contextmanager
    def once(self, owner: str, key: str, question: str) -> Iterator[None]:
        """While this question is worked on, the same one does not begin a second time.

        Raises:
            JobConflict: It is being worked on, or the key is in use for another question.
        """
        with self._lock:
            asked = self._asked.get((owner, key))
            if asked is not None:
                error = _busy(key) if asked == question else _conflict(key)
                raise error
            self._asked[owner, key] = question
        try:
            yield
        finally:
            with self._lock:
                self._asked.pop((owner, key), None)


def _conflict(key: str) -> JobConflict:
    return JobConflict(
        f"the Idempotency-Key {key!r} was used for another file or other options; use a new key"
    )


def _busy(key: str) -> JobConflict:
    return JobConflict(
        f"the request with the Idempotency-Key {key!r} is still being worked on; come again for it"
    )
