"""Two pieces of work at once: one here, and meanwhile another in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def meanwhile(work: Callable[[], T]) -> Iterator[Future[T]]:
    """Do something in another thread while the ``with`` block runs; its end waits for both.

    It pays where one of them is native code, which lets go of the interpreter, as the networks do.

    Args:
        work: What is done in the other thread; it must not touch what the block changes.

    Yields:
        Its future: ``result()`` after the block gives what it returned, or raises what it raised.

    Example:
        >>> with meanwhile(lambda: sum(range(1000))) as total:
        ...     longest = max(["a", "bcd", "ef"], key=len)
        >>> longest, total.result()
        ('bcd', 499500)
    """
    with ThreadPoolExecutor(max_workers=1) as pool:
        yield pool.submit(work)
