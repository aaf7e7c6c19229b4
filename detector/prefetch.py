"""Gets the next items in a thread of its own while the last one is worked on.

Decoding releases Python's lock, so frames are decoded on one core while faces are found on another.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from typing import TypeVar

T = TypeVar("T")

AHEAD = 2  # items waiting; more would only take memory, since one side is always the slower one
_END = object()


def prefetched(items: Iterable[T], ahead: int = AHEAD) -> Generator[T, None, None]:
    """Pass items on in order, getting the next ones meanwhile.

    Args:
        items: Read in another thread, and only there; closed there if it is a generator.
        ahead: How many items may wait, at least 1.

    Yields:
        The items. What ``items`` raises is raised at its place. Closing stops the thread.

    Example:
        >>> list(prefetched(range(3)))
        [0, 1, 2]
    """
    waiting: queue.Queue[tuple[object, BaseException | None]] = queue.Queue(ahead)
    stop = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, waiting, stop), name="prefetch", daemon=True)
    thread.start()
    try:
        while True:
            item, error = waiting.get()
            if error is not None:
                raise error
            if item is _END:
                return
            yield item  # type: ignore[misc]  # put there by _fill, so it is a T
    finally:
        stop.set()
        while thread.is_alive():  # it may be blocked on a full queue
            _drain(waiting)
            thread.join(0.01)


def _fill(
    items: Iterable[T], waiting: queue.Queue[tuple[object, BaseException | None]], stop: threading.Event
) -> None:
    try:
        for item in items:
            waiting.put((item, None))
            if stop.is_set():
                return
    except BaseException as error:  # raised again by the reader
        waiting.put((_END, error))
    else:
        waiting.put((_END, None))
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()


def _drain(waiting: queue.Queue[tuple[object, BaseException | None]]) -> None:
    while not waiting.empty():
        waiting.get_nowait()
