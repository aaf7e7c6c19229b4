"""The job workers of one machine, children of the server: started with it, again when they die, stopped with it."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress

from catchlight.serve.http.config import PREFIX, ServerConfig

log = logging.getLogger(__name__)

COMMAND = (sys.executable, "-c", "from catchlight.serve.cli.main import main; main(['worker'])")
LOOK = 0.5  # s between two looks at the children
MARGIN = 5.0  # s beyond the grace after which a child is killed
WAIT, LONGEST_WAIT = (
    1.0,
    30.0,
)  # s before one that died is started again; doubled each time that it dies young
YOUNG = 60.0  # s
PARENT_DEATH = 1  # prctl: the signal that comes when the parent dies
KILLED_BY_PARENTS_DEATH = signal.SIGTERM


class Workers:
    """Keeps a number of `catchlight worker` processes running.

    Args:
        count: How many.
        config: The service's; its store and its detectors are theirs.
        grace: Seconds that a job gets to end when they are told to.
        delay: Seconds until they begin.
    """

    def __init__(self, count: int, config: ServerConfig, grace: float, delay: float = 0.0) -> None:
        self._count, self._config, self._grace, self._delay = count, config, grace, delay
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="job-workers", daemon=True)
        self._children: list[_Child] = []

    def start(self) -> None:
        """Start them, and watch over them from a thread."""
        self._thread.start()

    def ask_to_end(self) -> None:
        """Tell them to end, and don't wait for it."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2 * LOOK)
        for child in self._children:
            child.ask_to_end()

    def stop(self) -> None:
        """Tell them to end, and end those that don't."""
        self.ask_to_end()
        until = time.monotonic() + self._grace + MARGIN
        for child in self._children:
            child.end(until)

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that run now."""
        return tuple(child.process.pid for child in self._children if child.process.poll() is None)

    def _keep(self) -> None:
        if self._stop.wait(self._delay):
            return
        # Started here and not in `start`, because the system tells children of the death of the *thread* they are of.
        for _ in range(self._count):
            self._children.append(_Child(self._config, self._grace))
        while not self._stop.wait(LOOK):
            for child in self._children:
                child.revive()


class _Child:
    def __init__(self, config: ServerConfig, grace: float) -> None:
        self._config, self._grace, self._wait = config, grace, WAIT
        self._begin()

    def _begin(self) -> None:
        self._began = time.monotonic()
        self._due: float | None = None
        config = self._config
        own = {
            f"{PREFIX}_JOBS": config.jobs_url,
            f"{PREFIX}_DETECTOR": config.detector,
            f"{PREFIX}_DETECTORS": ",".join(config.detectors),
            f"{PREFIX}_GRACE": str(self._grace),
        }
        self.process = subprocess.Popen(
            COMMAND, env=os.environ | own, stdin=subprocess.DEVNULL, preexec_fn=_end_with_parent
        )

    def revive(self) -> None:
        """Start it again if it died, the later the more often that happens."""
        if self.process.poll() is None:
            return
        if self._due is None:
            young = time.monotonic() - self._began < YOUNG
            self._wait = min(2 * self._wait, LONGEST_WAIT) if young else WAIT
            self._due = time.monotonic() + self._wait
            log.warning("a job worker ended; another one starts in %g s", self._wait)
        elif time.monotonic() >= self._due:
            self._begin()

    def ask_to_end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.terminate()

    def end(self, until: float) -> None:
        try:
            self.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _end_with_parent() -> None:
    """A server that is killed can't stop its children; the system can (Linux)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PARENT_DEATH, KILLED_BY_PARENTS_DEATH)
