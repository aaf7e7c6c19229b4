"""gunicorn as `catchlight serve` runs it: threads that wait, one engine a process, job workers as its children.

The parent process only watches, so it loads nothing of the web. Stopping (SIGTERM, Ctrl-C) lets requests end: gunicorn
stops listening, workers give back the jobs that they can't finish.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

from catchlight.serve.http.config import METRICS_FOLDER, ServerConfig
from catchlight.serve.http.gateway import HELD, Gateway, remember
from catchlight.serve.http.lines import Lines
from catchlight.serve.http.scorers import Scorers
from catchlight.serve.http.workers import Workers

if TYPE_CHECKING:
    from flask import Flask

    from catchlight.serve.http.service import Service

log = logging.getLogger(__name__)

HEAD_START = (
    2.0  # s that the engine gets to warm up before job workers begin: first of all a service is to be ready
)
ARENA_MAX = -8  # glibc's number of that option
CONNECTIONS = 512  # of a process, most of them idle; each is an open file
MEMORY_FOLDER = Path("/dev/shm")  # where gunicorn's sign of life costs no disk


@dataclass(frozen=True, slots=True)
class RunConfig:
    """How many processes, where they listen, and how they stop."""

    bind: str = "127.0.0.1:8000"  # address:port, or unix:path
    processes: int = 1  # web processes, each with an engine; one a core at most
    threads: int = 32  # of each: connections that are answered at once, most of them waiting
    workers: int = 1  # processes that judge jobs
    grace: float = 30.0  # s that requests get to end when the service stops
    job_grace: float = 5.0  # s that jobs get; one that takes longer is given back, and nothing of it is lost
    keepalive: int = 5  # s that an idle connection is held


def run(config: ServerConfig, how: RunConfig) -> None:
    """Serve until told to stop; returns never, gunicorn ends the process."""
    with suppress(OSError, AttributeError):  # another C library has no such arenas
        ctypes.CDLL(None).mallopt(ARENA_MAX, 2)  # for all threads, or each keeps what it once needed
    if how.processes > 1:
        os.environ.setdefault(METRICS_FOLDER, tempfile.mkdtemp(prefix="catchlight-metrics-"))
    _Server(config, how).run()


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with our settings in place of its command line."""

    def __init__(self, config: ServerConfig, how: RunConfig) -> None:
        self._config, self._how = config, how
        self._workers = Workers(how.workers, config, how.job_grace, HEAD_START)
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn all that differs from its defaults."""
        for name, value in self._settings().items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        _Parent(self, self._workers).run()

    def load(self) -> Flask:
        """The application, made in each process by itself; its sandboxes start while its libraries are loaded."""
        scorers = Scorers(self._config)
        scorers.begin()
        from catchlight.serve.http.app import create_app

        return create_app(self._config, scorers=scorers)

    def _settings(self) -> Mapping[str, Any]:
        how = self._how
        return {
            "bind": how.bind,
            "workers": how.processes,
            "worker_class": Gateway,
            "threads": how.threads,
            "worker_connections": CONNECTIONS,
            "keepalive": how.keepalive,
            "limit_request_line": 8190,  # bytes; all options at their longest fit
            "timeout": 60,  # s without a sign of life; the sign comes from a thread that never judges
            "graceful_timeout": max(1, round(how.grace)),
            "worker_tmp_dir": str(MEMORY_FOLDER) if MEMORY_FOLDER.is_dir() else None,
            "control_socket_disable": True,
            "logconfig_dict": _logging(),
            "proc_name": "catchlight",
            "pre_request": remember,
            "when_ready": self._when_ready,
            "on_exit": self._on_exit,
            "post_worker_init": _warm_up,
            "worker_exit": _let_go,
        }

    def _when_ready(self, arbiter: Arbiter) -> None:
        log.info("listening on %s", ", ".join(str(each) for each in arbiter.LISTENERS))
        self._workers.start()

    def _on_exit(self, arbiter: Arbiter) -> None:
        self._workers.stop()


class _Parent(Arbiter):  # type: ignore[misc]
    """gunicorn's parent process, which loses no signal and stops all of its children at once."""

    def __init__(self, server: _Server, workers: Workers) -> None:
        super().__init__(server)
        self._job_workers = workers

    def spawn_worker(self) -> Any:
        """Start a web process; signals are kept until it listens to them, or it would miss the one to stop."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        try:
            return super().spawn_worker()
        finally:
            if os.getpid() == self.pid:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def stop(self, graceful: bool = True) -> None:
        """Stop the web processes; job workers end meanwhile."""
        self._job_workers.ask_to_end()
        super().stop(graceful)


def _service(worker: Worker) -> Service:
    from catchlight.serve.http.service import NAME

    service: Service = worker.wsgi.extensions[NAME]
    return service


def _warm_up(worker: Worker) -> None:
    _service(worker).engine.start_in_background()


def _let_go(arbiter: Arbiter, worker: Worker) -> None:
    if getattr(worker, "wsgi", None) is None:  # it never came up
        return
    service = _service(worker)
    service.engine.close()
    service.store.close()


def _logging() -> dict[str, Any]:
    """gunicorn's own words in the same lines of JSON as ours."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": Lines}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"level": "INFO", "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {"level": "INFO", "propagate": True},
            "httpx": {"level": "WARNING"},  # it logs whole addresses, and those have queries
        },
    }
