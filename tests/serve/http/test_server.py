"""The real server: it stops gracefully, survives what its children do not, and speaks in lines of JSON."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

PROGRAM = [sys.executable, "-c", "from catchlight.serve.cli.main import main; main(prog_name='catchlight')"]
SOON = 90.0
Own = tuple[subprocess.Popen[bytes], str, Path]


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def until(true: Callable[[], object]) -> None:
    limit = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.fixture
def own(tmp_path: Path, free_port: int) -> object:
    """A server of the test's own, to be maltreated: (process, address, log)."""
    address = f"127.0.0.1:{free_port}"
    log = (tmp_path / "log").open("w")
    command = [*PROGRAM, "serve", "--bind", address, "--state", str(tmp_path / "state"), "--workers", "0"]
    process = subprocess.Popen(command, stderr=log, env={**os.environ, "CATCHLIGHT_RATE_LIMIT": ""})
    until(lambda: _answers(f"http://{address}/v2/health/ready"))
    yield process, f"http://{address}", tmp_path / "log"
    process.kill()
    process.wait()
    log.close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.HTTPError:
        return False


def begun(address: str, body: bytes) -> socket.socket:
    """A connection on which a request has begun: the server waits for its body."""
    host, port = address.removeprefix("http://").split(":")
    line = socket.create_connection((host, int(port)), timeout=SOON)
    head = (
        f"POST /v1/detect HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    line.sendall(head.encode())
    assert line.recv(100).startswith(b"HTTP/1.1 100")
    return line


@pytest.mark.slow
def test_it_outlives_its_children_and_stops_when_told(
    own: tuple[subprocess.Popen[bytes], str, Path], photo: bytes
) -> None:
    process, address, log = own
    (web,) = children(process.pid)
    (sandbox,) = [pid for pid in children(web) if "sandbox" in command_of(pid)]
    os.kill(sandbox, signal.SIGKILL)
    assert httpx.post(f"{address}/v1/detect", content=photo, timeout=SOON).status_code in (200, 422)
    assert httpx.post(f"{address}/v1/detect", content=photo, timeout=SOON).status_code == 200
    os.kill(web, signal.SIGKILL)
    until(lambda: children(process.pid) not in ([web], []))
    until(lambda: _answers(f"{address}/v2/health/ready"))
    with begun(address, photo) as line:
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        line.sendall(photo)
        assert line.recv(1 << 16).startswith(b"HTTP/1.1 200")
    assert process.wait(SOON) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["logger"] for line in lines} >= {"gunicorn.error", "catchlight.access"}
