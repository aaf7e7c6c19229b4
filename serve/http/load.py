"""How quick the service is: latency, throughput, overload, memory, start; each held against its goal.

    make bench-serve

A server of its own runs on this machine, and httpx asks it. The bare pipeline is measured in turns with it in the same
run, since machines differ and are noisy: the ratios are what counts.
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from PIL import Image

from catchlight.detector.errors import ServiceError
from catchlight.serve import demo
from catchlight.serve.bench import Measurement

COMMAND = (sys.executable, "-c", "from catchlight.serve.cli.main import main; main()", "serve")
START_LIMIT = 120.0  # s
WARM_UP = 10  # requests that are not measured
IDLE = 65.0  # s after which a job worker without work has let go of its sandbox
ALL, WRITTEN = "Pss:", "Pss_Anon:"  # of /proc/PID/smaps_rollup
OVERLOAD = 10  # times the throughput that is asked for


@dataclass(frozen=True, slots=True)
class LoadConfig:
    """How much is asked."""

    requests: int = 200  # one after the other, for latency
    clients: int = 2  # that always have a request under way, for throughput
    seconds: float = 15.0  # of throughput, and of overload
    many: int = 0  # requests after which memory is looked at again; the goal speaks of 10,000


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: its status, and how long it took."""

    status: int
    seconds: float


def measure(config: LoadConfig) -> tuple[Measurement, ...]:
    """Start a service, ask it, stop it.

    Args:
        config: How much to ask.

    Raises:
        ServiceError: The service did not start.
    """
    photo = _photograph()
    with tempfile.TemporaryDirectory() as folder:
        bare = Bare(Path(folder), photo)
        with served(Path(folder)) as (address, process, cold), httpx.Client(base_url=address) as client:
            results = [Measurement("start to ready", cold, "s", "2")]
            results += _latency(client, photo, bare, config)
            results += asyncio.run(_throughput(address, photo, bare, config))
            results += asyncio.run(_overload(address, photo, results, config))
            results += _memory(client, photo, process, config)
    return tuple(results)


class Bare:
    """The pipeline without any service, in this process."""

    def __init__(self, folder: Path, photo: bytes) -> None:
        from catchlight.detector.pipeline import Pipeline

        self._path = folder / "photo.jpg"
        self._path.write_bytes(photo)
        self._pipeline = Pipeline()
        for _ in range(WARM_UP):
            self.seconds()

    def seconds(self) -> float:
        """Of one judgement."""
        began = time.perf_counter()
        self._pipeline.analyse(self._path)
        return time.perf_counter() - began


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """A running service: its address, its process, and the seconds until it was ready.

    Raises:
        ServiceError: It did not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    own = {"CATCHLIGHT_RATE_LIMIT": "", **settings}
    with (folder / "log.jsonl").open("w") as log:
        began = time.perf_counter()
        command = [*COMMAND, "--bind", bind, "--state", str(folder / "state")]
        process = subprocess.Popen(command, env=os.environ | own, stderr=log)
        try:
            _wait(f"http://{bind}", process, folder / "log.jsonl")
            yield f"http://{bind}", process, time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_LIMIT)


def percentile(seconds: list[float], share: float) -> float:
    """The value below which a share of all lie.

    Example:
        >>> percentile([1.0, 2.0, 3.0, 4.0], 0.5)
        2.5
    """
    return float(np.quantile(seconds, share))


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_LIMIT
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(f"{address}/v2/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.01)
    raise ServiceError(f"the service did not become ready; its log ends with {log.read_text()[-1000:]!r}")


def _latency(client: httpx.Client, photo: bytes, bare: Bare, config: LoadConfig) -> list[Measurement]:
    for _ in range(WARM_UP):
        _ask(client, photo)
    pairs = [(_ask(client, photo).seconds, bare.seconds()) for _ in range(config.requests)]
    asked, alone = [a for a, _ in pairs], [b for _, b in pairs]
    half, most = percentile(asked, 0.5), percentile(asked, 0.95)
    return [
        Measurement("photograph, one client, p50", half * 1e3, "ms", "40"),
        Measurement("photograph, one client, p95", most * 1e3, "ms", "80"),
        Measurement("bare pipeline, p50", percentile(alone, 0.5) * 1e3, "ms", ""),
        Measurement("bare pipeline, p95", percentile(alone, 0.95) * 1e3, "ms", ""),
        Measurement("p50 / bare pipeline's", half / percentile(alone, 0.5), "x", ""),
    ]


def _ask(client: httpx.Client, photo: bytes) -> Reply:
    began = time.perf_counter()
    response = client.post("/v1/detect", content=photo)
    return Reply(response.status_code, time.perf_counter() - began)


async def _throughput(address: str, photo: bytes, bare: Bare, config: LoadConfig) -> list[Measurement]:
    """Requests a second, in turns with the bare pipeline so that noise meets both."""
    turns, rates, alone = 5, [], []
    for _ in range(turns):
        began = time.perf_counter()
        replies = await _clients(address, photo, config.clients, config.seconds / turns)
        rates.append(sum(reply.status == 200 for reply in replies) / (time.perf_counter() - began))
        until = time.perf_counter() + config.seconds / turns
        spent = []
        while time.perf_counter() < until:
            spent.append(bare.seconds())
        alone.append(len(spent) / sum(spent))
    served_rate, bare_rate = statistics.median(rates), statistics.median(alone)
    return [
        Measurement("throughput", served_rate, "/s", ""),
        Measurement("throughput / bare pipeline's", served_rate / bare_rate, "x", "0.9"),
    ]


async def _overload(
    address: str, photo: bytes, before: list[Measurement], config: LoadConfig
) -> list[Measurement]:
    """Ten times what it can do, at even distances, whether or not answers come back."""
    known = {each.what: each.value for each in before}
    rate = OVERLOAD * known["throughput"]
    replies = await _arrivals(address, photo, rate, config.seconds)
    accepted = [reply.seconds for reply in replies if reply.status == 200]
    refused = [reply.seconds for reply in replies if reply.status in (429, 503)]
    others = len(replies) - len(accepted) - len(refused)
    if not accepted:
        raise ServiceError(
            f"of {len(replies)} requests at {rate:.1f}/s none was answered; measure for longer"
        )
    usual = known["photograph, one client, p95"] / 1e3
    return [
        Measurement("overload, asked", rate, "/s", ""),
        Measurement("overload, accepted", len(accepted) / config.seconds, "/s", ""),
        Measurement("overload, accepted p95", percentile(accepted, 0.95) * 1e3, "ms", ""),
        Measurement("overload, accepted p95 / unloaded", percentile(accepted, 0.95) / usual, "x", "2"),
        Measurement("overload, refused p50", percentile(refused, 0.5) * 1e3 if refused else 0.0, "ms", ""),
        Measurement("overload, refused p95", percentile(refused, 0.95) * 1e3 if refused else 0.0, "ms", "20"),
        Measurement("overload, neither", float(others), "", "0"),
    ]


async def _clients(address: str, photo: bytes, count: int, seconds: float) -> list[Reply]:
    until = time.perf_counter() + seconds
    async with httpx.AsyncClient(base_url=address, timeout=60.0) as client:

        async def loop() -> list[Reply]:
            replies = []
            while time.perf_counter() < until:
                replies.append(await _send(client, photo))
            return replies

        return [
            reply for replies in await asyncio.gather(*(loop() for _ in range(count))) for reply in replies
        ]


async def _arrivals(address: str, photo: bytes, rate: float, seconds: float) -> list[Reply]:
    limits = httpx.Limits(max_connections=64)
    async with httpx.AsyncClient(base_url=address, timeout=60.0, limits=limits) as client:
        tasks, began = [], time.perf_counter()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            tasks.append(asyncio.create_task(_send(client, photo)))
        return list(await asyncio.gather(*tasks))


async def _send(client: httpx.AsyncClient, photo: bytes) -> Reply:
    began = time.perf_counter()
    try:
        response = await client.post("/v1/detect", content=photo)
    except httpx.HTTPError:
        return Reply(0, time.perf_counter() - began)
    return Reply(response.status_code, time.perf_counter() - began)


def _memory(
    client: httpx.Client, photo: bytes, process: subprocess.Popen[bytes], config: LoadConfig
) -> list[Measurement]:
    """Of all processes together, shared pages counted once; after that many requests more, again.

    For growth only what is written counts: files of libraries are shared with whoever else runs at the time.
    """
    time.sleep(IDLE)
    found = [Measurement("memory, idle, all processes", memory(process.pid), "MB", "250")]
    if config.many:
        before = memory(process.pid, WRITTEN)
        for _ in range(config.many):
            _ask(client, photo)
        growth = 100 * (memory(process.pid, WRITTEN) / before - 1)
        found.append(Measurement(f"memory growth in {config.many:,} requests", growth, "%", "2"))
    return found


def memory(pid: int, kind: str = ALL) -> float:
    """Megabytes of a process and all of its descendants; a page that several share is counted once (Linux).

    Args:
        pid: The process.
        kind: `ALL`, or `WRITTEN` for what is not read from files.
    """
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = next(int(line.split()[1]) for line in text.splitlines() if line.startswith(kind)) / 1024
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return own + sum(memory(int(child), kind) for task in tasks for child in task.read_text().split())


def _photograph() -> bytes:
    out = io.BytesIO()
    Image.fromarray(demo.photograph()[:384]).resize((640, 480)).save(out, "JPEG", quality=92)
    return out.getvalue()
