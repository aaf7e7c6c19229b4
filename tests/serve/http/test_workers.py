"""Job workers live as long as their server does, and come back when they die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.workers import Workers

SOON = 60.0


def until(true: Callable[[], object]) -> None:
    limit = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.05)


def alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().split()[2] != "Z"


def test_a_killed_worker_comes_back_and_all_stop(tmp_path: Path) -> None:
    workers = Workers(1, ServerConfig(state=str(tmp_path)), grace=20)
    workers.start()
    until(lambda: len(workers.pids) == 1)
    (first,) = workers.pids
    os.kill(first, signal.SIGKILL)
    until(lambda: workers.pids not in ((), (first,)))
    (last,) = workers.pids
    workers.stop()
    assert workers.pids == ()
    assert not [pid for pid in (first, last) if alive(pid)]


def test_workers_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import time\n"
        "from catchlight.serve.http.config import ServerConfig\n"
        "from catchlight.serve.http.workers import Workers\n"
        f"workers = Workers(1, ServerConfig(state={str(tmp_path)!r}), grace=1)\n"
        "workers.start()\n"
        "while not workers.pids:\n    time.sleep(.05)\n"
        "print(workers.pids[0], flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        pid = int(server.stdout.readline())
        server.kill()
        server.wait()
    until(lambda: not alive(pid))
