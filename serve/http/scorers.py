"""The child processes of one web process, and the one folder that they may read.

They take a second to start, and so do the libraries of the web: with `begin`, both happen at once.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Self

from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.spool import Spool
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.pool import Pool

INCOMING = "incoming"  # the folder, inside that of the state


class Scorers(Pool):
    """A pool of sandboxes that may be started early.

    Attributes:
        spool: The folder that they read.

    Args:
        config: The service's.
        size: How many files are judged at once.
    """

    def __init__(self, config: ServerConfig, size: int = 1) -> None:
        self.spool = Spool(config.folder / INCOMING)
        limits = SandboxConfig(
            folders=(self.spool.folder,),
            detectors=config.names,
            wall_seconds=config.deadline,
            cpu_seconds=2 * config.deadline,  # two cores at work
        )
        super().__init__(size, limits)
        self._started: Future[None] | None = None

    def begin(self) -> None:
        """Start the children, and don't wait for it."""
        if self._started is None:
            self._started = Future()
            threading.Thread(target=self._start, args=(self._started,), name="warm-up", daemon=True).start()

    def start(self) -> Self:
        """Wait until the children are warm; they are started if that was not done.

        Raises:
            CatchlightError: A detector can't be loaded.
        """
        self.begin()
        assert self._started is not None
        self._started.result()
        return self

    def close(self) -> None:
        """End the children and delete the folder."""
        super().close()
        self.spool.close()

    def _start(self, started: Future[None]) -> None:
        try:
            super().start()
        except BaseException as error:
            started.set_exception(error)
        else:
            started.set_result(None)
