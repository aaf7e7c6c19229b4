"""Where the time goes: adds up the wall time of the stages of a piece of work."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Stopwatch:
    """Sums up time by stage; stages may nest, and then count in both.

    Example:
        >>> watch = Stopwatch()
        >>> with watch("sum"):
        ...     total = sum(range(1000))
        >>> list(watch.milliseconds())
        ['sum']
    """

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count the time of a ``with`` block to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - start

    def each(self, stage: str, items: Iterable[T]) -> Iterator[T]:
        """Pass items on, counting the time that it takes to get them, and not what the caller does with them."""
        iterator = iter(items)
        end = object()
        while True:
            with self(stage):
                item = next(iterator, end)
            if item is end:
                return
            yield item  # type: ignore[misc]  # not the end, so it is a T

    def milliseconds(self) -> dict[str, float]:
        """Stage to milliseconds so far, rounded to microseconds, in the order in which the stages ended first."""
        return {stage: round(1e3 * seconds, 3) for stage, seconds in self._seconds.items()}
