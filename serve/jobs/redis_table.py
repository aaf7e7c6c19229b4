"""Jobs in Redis, for workers on several machines.

Every change is a transaction on one job (WATCH, MULTI, EXEC): another one's change in between makes it start again. The
clock is the server's, so that machines whose clocks differ agree on leases. Run Redis with ``--appendonly yes
--appendfsync always``, or a crash of its machine may lose a second of jobs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from catchlight.detector.errors import ConfigError, StoreError
from catchlight.serve.jobs.records import Record, from_json
from catchlight.serve.jobs.table import Step, sweep_at
from catchlight.serve.jobs.types import JobState

if TYPE_CHECKING:
    from redis import Redis
    from redis.client import Pipeline

PREFIX = "{catchlight}:"  # braces keep all keys on one node of a cluster, so that transactions work
PATIENCE = 10.0  # seconds for a connection, and for an answer
RETRIES = 5  # of a command whose connection broke, 0.1 s and more apart


class RedisTable:
    """A `Table` in a Redis database, 6.2 or later; safe for use by threads.

    Args:
        url: ``redis://[user:password@]host[:port]/number``, ``rediss://`` with TLS, ``unix://path``.

    Raises:
        ConfigError: The client library is not installed, or the address is none.
        StoreError: The server does not answer.
    """

    def __init__(self, url: str) -> None:
        self._redis = _connect(url)
        self._place = url.rpartition("@")[2]  # errors show no password
        self.now()

    def now(self) -> float:
        """As `Table.now`: the server's clock."""
        with self._errors():
            seconds, micro = self._redis.time()  # type: ignore[misc]
            return float(seconds) + float(micro) / 1e6

    def insert(self, record: Record) -> Record:
        """As `Table.insert`."""
        name = _key_name(record)
        with self._errors(), self._redis.pipeline() as pipe:
            while True:
                with _unless_changed():
                    there = self._there(pipe, record, name)
                    if there is not None:
                        return there
                    pipe.multi()
                    if name:
                        pipe.set(name, record.id)
                    _put(pipe, None, record)
                    pipe.execute()
                    return record

    def read(self, id: str) -> Record | None:
        """As `Table.read`."""
        with self._errors():
            found: Any = self._redis.get(_job(id))
        return from_json(found) if found else None

    def change(self, id: str, step: Step) -> Record | None:
        """As `Table.change`."""
        with self._errors(), self._redis.pipeline() as pipe:
            while True:
                with _unless_changed():
                    return _changed(pipe, id, step)

    def due(self, now: float, most: int) -> Sequence[str]:
        """As `Table.due`."""
        return self._until("due", now, most)

    def to_sweep(self, now: float, most: int) -> Sequence[str]:
        """As `Table.to_sweep`."""
        return self._until("sweep", now, most)

    def to_notify(self, now: float, most: int) -> Sequence[str]:
        """As `Table.to_notify`."""
        return self._until("notify", now, most)

    def of_owner(self, owner: str, most: int) -> Sequence[Record]:
        """As `Table.of_owner`."""
        with self._errors():
            ids: Any = self._redis.zrevrange(_owner(owner), 0, most - 1)
            texts: Any = self._redis.mget([_job(_text(id)) for id in ids]) if ids else []
        return [from_json(text) for text in texts if text]

    def counts(self) -> Mapping[JobState, int]:
        """As `Table.counts`."""
        with self._errors():
            found: Any = self._redis.hgetall(PREFIX + "states")
        numbers = {_text(state): int(number) for state, number in found.items()}
        return {state: numbers.get(state.value, 0) for state in JobState}

    def close(self) -> None:
        """As `Table.close`."""
        self._redis.close()

    def _there(self, pipe: Pipeline, record: Record, name: str | None) -> Record | None:
        """The record that has this key, or this very one, written before a connection broke; both are watched."""
        pipe.watch(_job(record.id), *([name] if name else []))  # type: ignore[no-untyped-call]
        if name and (id := pipe.get(name)):
            return self.read(_text(id))
        found: Any = pipe.get(_job(record.id))
        return from_json(found) if found else None

    def _until(self, line: str, now: float, most: int) -> list[str]:
        with self._errors():
            ids: Any = self._redis.zrangebyscore(PREFIX + line, "-inf", now, start=0, num=most)
        return [_text(id) for id in ids]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except RedisError as error:
            raise StoreError(
                f"jobs can't be kept in Redis at {self._place}: {error}. Is the server running, reachable and not full?"
            ) from error


def _connect(url: str) -> Redis:
    try:
        import redis
        from redis.backoff import ExponentialBackoff
        from redis.retry import Retry
    except ImportError as error:
        raise ConfigError(
            "jobs in Redis need its client; install it: pip install 'catchlight[redis]'"
        ) from error
    try:
        return redis.Redis.from_url(
            url,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(ExponentialBackoff(cap=1.0, base=0.1), RETRIES),
            retry_on_error=[redis.ConnectionError, redis.TimeoutError, redis.BusyLoadingError],
        )
    except ValueError as error:
        raise ConfigError(f"expected redis://host/0, received {url!r}: {error}") from error


def _put(pipe: Pipeline, before: Record | None, after: Record) -> None:
    pipe.set(_job(after.id), after.to_json())
    lines = {"due": after.due, "sweep": sweep_at(after), "notify": after.notify}
    for line, moment in lines.items():
        if moment is None:
            pipe.zrem(PREFIX + line, after.id)
        else:
            pipe.zadd(PREFIX + line, {after.id: moment})
    if before is None:
        pipe.zadd(_owner(after.owner), {after.id: after.created})
    if before is None or before.state is not after.state:
        pipe.hincrby(PREFIX + "states", after.state.value, 1)
        if before is not None:
            pipe.hincrby(PREFIX + "states", before.state.value, -1)


def _take_away(pipe: Pipeline, record: Record) -> None:
    pipe.delete(_job(record.id))
    for line in ("due", "sweep", "notify"):
        pipe.zrem(PREFIX + line, record.id)
    pipe.zrem(_owner(record.owner), record.id)
    pipe.hincrby(PREFIX + "states", record.state.value, -1)
    if name := _key_name(record):
        pipe.delete(name)


def _changed(pipe: Pipeline, id: str, step: Step) -> Record | None:
    """One try to change a record; raises WatchError when somebody else was faster."""
    pipe.watch(_job(id))  # type: ignore[no-untyped-call]
    found: Any = pipe.get(_job(id))
    if not found:
        return None
    before = from_json(found)
    after = step(before)
    if after == before:
        return after
    pipe.multi()
    if after is None:
        _take_away(pipe, before)
    else:
        _put(pipe, before, after)
    pipe.execute()
    return after


@contextmanager
def _unless_changed() -> Iterator[None]:
    """Passes over what another one's change, or a broken connection, has undone."""
    from redis.exceptions import WatchError

    with suppress(WatchError):
        yield


def _job(id: str) -> str:
    return f"{PREFIX}job:{id}"


def _owner(owner: str) -> str:
    return f"{PREFIX}owner:{owner}"


def _key_name(record: Record) -> str | None:
    """Where the id of an idempotency key is found; hashed, since owner and key are strangers' words."""
    if record.key is None:
        return None
    pair = f"{len(record.owner)}:{record.owner}:{record.key}"
    return f"{PREFIX}key:{hashlib.sha256(pair.encode()).hexdigest()}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
