"""What is Redis's own; the contract that it shares with SQLite is in test_store.py."""

from __future__ import annotations

import threading
import time

import pytest

from catchlight.detector.errors import StoreError
from catchlight.serve.jobs import redis_table
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.types import JobState


@pytest.fixture
def url(redis_server, tmp_path):
    redis_server.clear()
    return f"unix://{redis_server.socket}?media={tmp_path}/media"


def test_jobs_outlive_a_server_that_is_killed(redis_server, url, file):
    with open_store(url) as store:
        waiting = store.submit(file, options={}, owner="ann")
        claim = store.claim("worker", 60)
        redis_server.kill()
        threading.Timer(0.3, redis_server.start).start()
        assert store.finish(claim, {"verdict": "real"}).state is JobState.done  # it waits for the server
        assert store.get(waiting.id, "ann").result == {"verdict": "real"}


def test_a_server_that_stays_away_is_told(redis_server, url, file, monkeypatch):
    monkeypatch.setattr(redis_table, "RETRIES", 1)
    with open_store(url) as store:
        redis_server.kill()
        begin = time.monotonic()
        try:
            with pytest.raises(StoreError, match="Is the server running"):
                store.submit(file, options={}, owner="ann")
        finally:
            redis_server.start()
        assert time.monotonic() - begin < 5
        assert not list(store.folder.iterdir())
        store.submit(file, options={}, owner="ann")


def test_strangers_words_can_not_reach_other_keys(url, file):
    import redis

    with open_store(url) as store:
        store.submit(file, options={}, owner="ann\r\nFLUSHALL", idempotency_key="k\0:job:*")
    server = redis.Redis(unix_socket_path=url.removeprefix("unix://").partition("?")[0])
    with server:
        assert all(name.startswith(b"{catchlight}:") for name in server.scan_iter())
