"""Several warm children behind one door, for the threads of a server.

    with Pool(2) as pool:
        answer = pool.score(Path("upload-7f"), name="holiday.jpg", wait=0.5)

A child that a file has ended, or that has judged its share, is replaced in the background while the others go on.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from catchlight.detector.closing import Closing
from catchlight.detector.errors import CatchlightError, Overloaded
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.scorer import Answer, Scorer, Watch

log = logging.getLogger(__name__)

AGAIN = 5.0  # seconds until a child that did not start is tried again


class Pool(Closing):
    """A fixed number of children; safe for use by many threads.

    Args:
        size: How many files are judged at once; one a core is best for throughput.
        config: Limits of each child.

    Attributes:
        size: How many children there are.
        replaced: How many children had to be replaced because a file ended them.
    """

    def __init__(self, size: int = 1, config: SandboxConfig | None = None) -> None:
        self.size, self.config, self.replaced = size, config or SandboxConfig(), 0
        # The one used last is used next: it is warm in the caches, and idle ones may be swapped out.
        self._ready: queue.LifoQueue[Scorer] = queue.LifoQueue()
        self._fresh: queue.SimpleQueue[Scorer] = queue.SimpleQueue()
        self._coming = 0
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def start(self) -> Self:
        """Start all children and wait until they are warm.

        Raises:
            CatchlightError: A detector can't be loaded, or the system refuses a child.
        """
        scorers = [Scorer(self.config) for _ in range(self.size)]
        try:
            for scorer in scorers:
                scorer.start()
        except BaseException:
            for scorer in scorers:
                scorer.close()
            raise
        for scorer in scorers:
            self._ready.put(scorer)
        return self

    @property
    def idle(self) -> int:
        """How many children wait for a file; 0 means that the next call has to wait."""
        return self._ready.qsize()

    def score(
        self,
        path: Path,
        *,
        name: str | None = None,
        options: Mapping[str, object] | None = None,
        seconds: float | None = None,
        picture: float | None = None,
        watch: Watch | None = None,
        wait: float | None = None,
    ) -> Answer:
        """Judge one file; arguments and errors as `Scorer.score`.

        Args:
            path: The file.
            name: What to call it.
            options: How to judge it.
            seconds: How long it may take once it has a child.
            picture: How long it may take until its first picture was looked at.
            watch: Called as it goes on.
            wait: Seconds to wait for a child that is free; None for as long as it takes.

        Raises:
            Overloaded: No child became free in time, or the pool is closed.
            MediaError: The file can't be judged.
            ConfigError: The options can't be used.
        """
        scorer = self._take(wait)
        try:
            return scorer.score(
                path, name=name, options=options, seconds=seconds, picture=picture, watch=watch
            )
        finally:
            self._give_back(scorer)

    def close(self) -> None:
        """End all children; those that are busy end with their file. Calling it twice is fine."""
        self._closed.set()
        for line in (self._ready, self._fresh):
            while not line.empty():
                line.get().close()

    def __enter__(self) -> Self:
        return self.start()

    def _take(self, wait: float | None) -> Scorer:
        if self._closed.is_set():
            raise Overloaded("the service is stopping; come again later", retry_after=10.0)
        try:
            return self._ready.get(timeout=wait)
        except queue.Empty:
            raise Overloaded(f"all {self.size} places are taken; come again later") from None

    def _give_back(self, scorer: Scorer) -> None:
        if self._closed.is_set():
            scorer.close()
        elif scorer.owes:
            threading.Thread(target=self._settle, args=(scorer,), name="sandbox", daemon=True).start()
        elif not scorer.alive:
            self.replaced += 1
            self._prepare(self._ready)
        elif not self._fresh.empty():
            self._ready.put(self._fresh.get())
            scorer.close()
        else:
            self._ready.put(scorer)
            if scorer.worn:
                self._prepare_successor()

    def _settle(self, scorer: Scorer) -> None:
        scorer.settle()
        self._give_back(scorer)

    def _prepare_successor(self) -> None:
        """The worn child goes on until another is warm, so that nobody waits for the change."""
        with self._lock:
            if self._coming:
                return
            self._coming += 1
        self._prepare(self._fresh)

    def _prepare(self, line: queue.LifoQueue[Scorer] | queue.SimpleQueue[Scorer]) -> None:
        threading.Thread(target=self._start_for, args=(line,), name="sandbox", daemon=True).start()

    def _start_for(self, line: queue.LifoQueue[Scorer] | queue.SimpleQueue[Scorer]) -> None:
        scorer = Scorer(self.config)
        while not self._closed.is_set():
            try:
                scorer.start()
                break
            except CatchlightError as error:
                log.error("a sandbox did not start: %s", error)
                self._closed.wait(AGAIN)
        line.put(scorer)
        if line is self._fresh:
            with self._lock:
                self._coming -= 1
        if self._closed.is_set():
            self.close()
