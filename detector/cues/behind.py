"""Work that is done behind the back of whoever hands it on: in order, in one thread, a few items at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from catchlight.detector.closing import Closing

T = TypeVar("T")

WAITING = 2  # items that may wait; whole frames, so more would only take memory


class Behind(Closing, Generic[T]):
    """Does one thing with each item, in the order in which they are handed on.

    Args:
        work: What is done with an item, in the other thread.

    Example:
        >>> done = []
        >>> with Behind(done.append) as behind:
        ...     behind.put(1)
        ...     behind.finish()
        >>> done
        [1]
    """

    def __init__(self, work: Callable[[T], object]) -> None:
        self._work = work
        self._waiting: queue.Queue[tuple[T] | None] = queue.Queue(WAITING)
        self._error: BaseException | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="cues", daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Hand an item on; waits while too many wait. After an error or the end it is dropped."""
        if not self._stopped:
            self._waiting.put((item,))

    def finish(self) -> None:
        """Wait until all is done; raises what the work raised."""
        self._end()
        error = self._error
        if error is not None:
            raise error

    def close(self) -> None:
        """Drop what still waits, and end the thread."""
        self._stopped = True
        self._end()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._waiting.put(None)
        self._thread.join()
        self._stopped = True

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            if not self._stopped:
                try:
                    self._work(*item)
                except BaseException as error:  # raised again by `finish`
                    self._error, self._stopped = error, True
