"""What a database must do to hold jobs; `sqlite_table` and `redis_table` do it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from catchlight.serve.jobs.records import Record
from catchlight.serve.jobs.types import JobState

Step = Callable[[Record], Record | None]


class Table(Protocol):
    """Records by id, each changed by one process at a time. Every method raises StoreError."""

    def now(self) -> float:
        """Seconds since 1970, by a clock that all who use the table share."""
        ...

    def insert(self, record: Record) -> Record:
        """Add a record, or return the one that has its owner and idempotency key already."""
        ...

    def read(self, id: str) -> Record | None:
        """The record; None when there is none."""
        ...

    def change(self, id: str, step: Step) -> Record | None:
        """Replace a record by what ``step`` makes of it, and nobody changes it meanwhile; None removes it.

        What ``step`` raises leaves the record as it was. Where the table must, it calls ``step`` again.

        Returns:
            The new record; None when there is none, or none any more.
        """
        ...

    def due(self, now: float, most: int) -> Sequence[str]:
        """Ids of jobs that may be claimed, the longest waiting first."""
        ...

    def to_sweep(self, now: float, most: int) -> Sequence[str]:
        """Ids of jobs that expire, or whose media are to be deleted."""
        ...

    def to_notify(self, now: float, most: int) -> Sequence[str]:
        """Ids of jobs whose webhook is to be called."""
        ...

    def of_owner(self, owner: str, most: int) -> Sequence[Record]:
        """An owner's records, the newest first."""
        ...

    def counts(self) -> Mapping[JobState, int]:
        """How many records are in each state."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


def sweep_at(record: Record) -> float:
    """When time next changes a record."""
    moments = [
        record.expires if record.state is not JobState.running else max(record.expires, record.due or 0.0)
    ]
    if record.media_until is not None:
        moments.append(record.media_until)
    return min(moments)
