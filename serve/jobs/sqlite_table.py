"""Jobs in one SQLite file: nothing to install, and as many processes of one machine as it has.

Write-ahead log, so that readers never wait; every change is a transaction that takes the one writer's place at its
begin, so that two never wait for each other; and the disk has it before the call returns.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from catchlight.detector.errors import StoreError
from catchlight.serve.jobs.records import Record, from_json
from catchlight.serve.jobs.table import Step, sweep_at
from catchlight.serve.jobs.types import JobState

T = TypeVar("T")

PATIENCE = 30.0  # seconds to wait for the writer's place
SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, key TEXT, created REAL NOT NULL, state TEXT NOT NULL,
    due REAL, sweep REAL NOT NULL, notify REAL, record TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS jobs_key ON jobs (owner, key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_owner ON jobs (owner, created);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due) WHERE due IS NOT NULL;
CREATE INDEX IF NOT EXISTS jobs_sweep ON jobs (sweep);
CREATE INDEX IF NOT EXISTS jobs_notify ON jobs (notify) WHERE notify IS NOT NULL;
"""
VERSION = 1  # of the schema
WRITE = """
INSERT INTO jobs VALUES (:id, :owner, :key, :created, :state, :due, :sweep, :notify, :record)
ON CONFLICT (id) DO UPDATE SET state = :state, due = :due, sweep = :sweep, notify = :notify, record = :record
"""

# A connection must not be used, nor even closed, by a process that was forked off; so these are kept for ever.
_OF_PARENTS: list[sqlite3.Connection] = []


class SqliteTable:
    """A `Table` in a file; one connection, shared by the threads of a process.

    Args:
        path: The file; it and its folder are made where they are missing.

    Raises:
        StoreError: It can't be opened, or is of another version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = os.getpid()
        with self._writing() as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, VERSION):
                raise StoreError(
                    f"the jobs in {path} are of version {version}, and this catchlight reads {VERSION}; give "
                    "another file, or run the version that wrote it"
                )
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {VERSION}")

    def now(self) -> float:
        """As `Table.now`: the machine's clock."""
        return time.time()

    def insert(self, record: Record) -> Record:
        """As `Table.insert`."""
        with self._writing() as connection:
            if record.key is not None:
                query = "SELECT record FROM jobs WHERE owner = ? AND key = ?"
                row = connection.execute(query, (record.owner, record.key)).fetchone()
                if row:
                    return from_json(row[0])
            connection.execute(WRITE, _row(record))
        return record

    def read(self, id: str) -> Record | None:
        """As `Table.read`."""
        rows = self._rows("SELECT record FROM jobs WHERE id = ?", id)
        return from_json(rows[0][0]) if rows else None

    def change(self, id: str, step: Step) -> Record | None:
        """As `Table.change`."""
        with self._writing() as connection:
            row = connection.execute("SELECT record FROM jobs WHERE id = ?", (id,)).fetchone()
            if row is None:
                return None
            before = from_json(row[0])
            after = step(before)
            if after is None:
                connection.execute("DELETE FROM jobs WHERE id = ?", (id,))
            elif after != before:
                connection.execute(WRITE, _row(after))
        return after

    def due(self, now: float, most: int) -> Sequence[str]:
        """As `Table.due`."""
        return self._ids("SELECT id FROM jobs WHERE due <= ? ORDER BY due LIMIT ?", now, most)

    def to_sweep(self, now: float, most: int) -> Sequence[str]:
        """As `Table.to_sweep`."""
        return self._ids("SELECT id FROM jobs WHERE sweep <= ? ORDER BY sweep LIMIT ?", now, most)

    def to_notify(self, now: float, most: int) -> Sequence[str]:
        """As `Table.to_notify`."""
        return self._ids("SELECT id FROM jobs WHERE notify <= ? ORDER BY notify LIMIT ?", now, most)

    def of_owner(self, owner: str, most: int) -> Sequence[Record]:
        """As `Table.of_owner`."""
        query = "SELECT record FROM jobs WHERE owner = ? ORDER BY created DESC LIMIT ?"
        return [from_json(row[0]) for row in self._rows(query, owner, most)]

    def counts(self) -> Mapping[JobState, int]:
        """As `Table.counts`."""
        found = dict(self._rows("SELECT state, count(*) FROM jobs GROUP BY state"))
        return {state: found.get(state.value, 0) for state in JobState}

    def close(self) -> None:
        """As `Table.close`."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def _ids(self, query: str, *values: object) -> list[str]:
        return [row[0] for row in self._rows(query, *values)]

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._lock, self._errors():
            return self._open().execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it happens, or nothing."""
        with self._lock, self._errors():
            connection = self._open()
            _patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # on a full disk it has rolled back by itself
                    connection.execute("ROLLBACK")
                raise

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and self._process != os.getpid():
            _OF_PARENTS.append(self._connection)
            self._connection = None
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _patiently(lambda: _connect(self._path))
            self._process = os.getpid()
        return self._connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(f"jobs can't be kept in {self._path}: {error}. {_advice(str(error))}") from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # a job that was taken survives the power's failure, too
    return connection


def _patiently(work: Callable[[], T]) -> T:
    """Some statements report a lock at once, whatever the timeout (a log being recovered after a crash)."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _advice(said: str) -> str:
    for sign, advice in (
        ("full", "The disk is full: make room; jobs that were taken are safe."),
        ("No space", "The disk is full: make room; jobs that were taken are safe."),
        ("readonly", "The file or its folder is not writable for this user; give one that is."),
        ("unable to open", "The folder is not writable for this user, or not there; give one that is."),
        ("Permission", "The folder is not writable for this user; give one that is."),
        ("not a database", "The file is something else; give the name of a new one."),
        ("malformed", "The file is damaged; move it away, and a new one is made."),
        ("locked", "Another program holds the file; end it."),
    ):
        if sign in said:
            return advice
    return "Is the disk in order?"


def _row(record: Record) -> dict[str, object]:
    return {
        "id": record.id,
        "owner": record.owner,
        "key": record.key,
        "created": record.created,
        "state": record.state.value,
        "due": record.due,
        "sweep": sweep_at(record),
        "notify": record.notify,
        "record": record.to_json(),
    }
