"""Stores of both kinds, each with a clock that a test can put forward."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from catchlight.serve.jobs.open import open_store


class RedisServer:
    """A real server on a socket of its own, which keeps what it has on the disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.socket = folder, folder / "redis.sock"
        self.start()

    def start(self) -> None:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder), "--save", ""]
        self.process = subprocess.Popen(
            ["redis-server", *options, "--appendonly", "yes", "--appendfsync", "always"],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + 20
        while not self.answers():
            assert time.monotonic() < until, "redis-server did not start"
            time.sleep(0.02)

    def answers(self) -> bool:
        import redis

        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def clear(self) -> None:
        import redis

        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            client.flushall()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def redis_server():
    pytest.importorskip("redis")
    if not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed")
    folder = Path(tempfile.mkdtemp(prefix="cl-"))  # the path of a socket must be short
    server = RedisServer(folder)
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "redis"])
def url(request, tmp_path):
    """Address of an empty store."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/jobs.sqlite"
    server = request.getfixturevalue("redis_server")
    server.clear()
    return f"unix://{server.socket}?media={tmp_path}/jobs-media"


@pytest.fixture
def store(url):
    with open_store(
        f"{url}{'&' if '?' in url else '?'}attempts=3&patience=1000&keep=100&deliveries=3"
    ) as store:
        yield store


@pytest.fixture
def later(store, monkeypatch):
    """Puts the store's clock forward by so many seconds."""
    table = store._table
    true, ahead = table.now, 0.0
    monkeypatch.setattr(table, "now", lambda: true() + ahead)

    def forward(seconds):
        nonlocal ahead
        ahead += seconds

    return forward


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "holiday.jpg"
    path.write_bytes(b"bytes of a picture")
    return path


@pytest.fixture
def submit(store):
    """Puts a file into the store, or into another one."""

    def submitted(file, owner="ann", to=store, **more):
        return to.submit(file, options={"detector": "mobilenet"}, owner=owner, **more)

    return submitted
