"""The child processes of one web process, and the one folder that they may read.

They take a second to start, and so do the libraries of the web: with `begin`, both happen at once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path

from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.spool import Spool
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.pool import Pool
from catchlight.serve.sandbox.scorer import Answer

INCOMING = "incoming"  # the folder, inside that of the state


class Scorers:
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
        self._pool = Pool(size, limits)
        self._started: Future[object] | None = None

    def begin(self) -> None:
        """Start the children, and don't wait for it."""
        if self._started is None:
            self._started = Future()
            threading.Thread(target=self._start, args=(self._started,), name="warm-up", daemon=True).start()

    def start(self) -> object:
        """Wait until the children are warm; they are started if that was not done.

        Raises:
            CatchlightError: A detector can't be loaded.
        """
        self.begin()
        assert self._started is not None
        return self._started.result()

    def score(
        self,
        path: Path,
        *,
        name: str | None = None,
        options: Mapping[str, object] | None = None,
        seconds: float | None = None,
        picture: float | None = None,
        wait: float | None = None,
    ) -> Answer:
        """As `Pool.score`."""
        return self._pool.score(path, name=name, options=options, seconds=seconds, picture=picture, wait=wait)

    def close(self) -> None:
        """End the children and delete the folder."""
        self._pool.close()
        self.spool.close()

    def _start(self, started: Future[object]) -> None:
        try:
            started.set_result(self._pool.start())
        except BaseException as error:
            started.set_exception(error)
