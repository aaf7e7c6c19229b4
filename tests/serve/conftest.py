"""One application with a warm engine for the whole run, and one real server as `catchlight serve` starts it."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import httpx
import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray
from PIL import Image

from catchlight.serve import demo
from catchlight.serve.http.app import create_app
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.service import NAME, Service

PROGRAM = [sys.executable, "-c", "from catchlight.serve.cli.main import main; main(prog_name='catchlight')"]
SOON = 90.0  # s


def service_of(app: Flask) -> Service:
    service: Service = app.extensions[NAME]
    return service


@pytest.fixture(scope="session")
def photo(astronaut: NDArray[np.uint8]) -> bytes:
    """A photograph with one face, as JPEG."""
    out = io.BytesIO()
    Image.fromarray(astronaut).save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture(scope="session")
def forged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demonstration's face of nobody, which looks forged whatever the threshold is."""
    made = {path.name: path for path in demo.make(tmp_path_factory.mktemp("demo"))}
    return made["nobody-photograph.jpg"]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application as it is by default, warm."""
    made = create_app(ServerConfig(state=str(tmp_path_factory.mktemp("state")), rate_limit=""))
    service = service_of(made)
    service.engine.start()
    yield made
    service.engine.close()
    service.spool.close()
    service.store.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class Make(Protocol):
    """Makes an application with other settings."""

    def __call__(self, **settings: object) -> Flask: ...


@pytest.fixture
def make(app: Flask, tmp_path: Path) -> Iterator[Make]:
    """Applications with other settings, which share the warm engine and the folder that it may read."""
    warm, services = service_of(app), []

    def made(**settings: object) -> Flask:
        config = ServerConfig(**{"state": str(tmp_path), "rate_limit": "", **settings})
        other = create_app(config, engine=warm.engine)
        services.append(service_of(other))
        other.extensions[NAME] = replace(services[-1], spool=warm.spool)
        return other

    yield made
    for service in services:
        service.spool.close()
        service.store.close()


@pytest.fixture
def free_port() -> int:
    return unused_port()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a running `catchlight serve`."""
    state, port = tmp_path_factory.mktemp("served"), unused_port()
    address = f"127.0.0.1:{port}"
    log = (state / "log.jsonl").open("w")
    command = [*PROGRAM, "serve", "--bind", address, "--state", str(state)]
    settings = {"CATCHLIGHT_RATE_LIMIT": "", "CATCHLIGHT_QUEUE": "4"}
    process = subprocess.Popen(command, env=os.environ | settings, stderr=log)
    try:
        wait_until_ready(f"http://{address}", process)
        yield f"http://{address}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == 0
        log.close()


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(f"{address}/v2/health/ready").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise AssertionError("the server did not become ready")
