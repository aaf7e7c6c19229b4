"""One file at a time, a short line before it, and an honest no when the line is full.

A line makes nobody faster: what waits longer than one file takes is better told to come again. So the line is short and
refusing is immediate. While requests have to be refused, even the line opens only when the file before is nearly done:
whoever is let in then gets the answer within about twice the time of an idle service.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from catchlight.detector.errors import CatchlightError, Overloaded
from catchlight.serve.http.metrics import Metrics
from catchlight.serve.sandbox.scorer import Answer

log = logging.getLogger(__name__)

SMOOTHING = 0.1  # weight of the latest file in the mean time of a file
FIRST_GUESS = 0.05  # s a file, before any was judged
CROWDED = 1.0  # s after a refusal in which the line stays shut until ...
NEARLY = 0.75  # ... this share of a file's usual time is over


class Scorer(Protocol):
    """Judges files in child processes: `catchlight.serve.sandbox.pool.Pool`."""

    def start(self) -> object:
        """Warm up."""
        ...

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
        """Judge a file within ``seconds``, its first picture within ``picture``. Raises MediaError."""
        ...

    def close(self) -> None:
        """End the children."""
        ...


class Engine:
    """The one place of a process where files are judged.

    Args:
        scorer: What judges.
        waiting: How many requests may wait for their turn.
        deadline: Seconds for waiting and judging together.
        picture: Seconds until the first picture of a file.
        metrics: Where to count.
    """

    def __init__(
        self, scorer: Scorer, waiting: int, deadline: float, picture: float, metrics: Metrics
    ) -> None:
        self._scorer, self._waiting, self._metrics = scorer, waiting, metrics
        self._deadline, self._picture = deadline, picture
        self._lock = threading.Lock()
        self._line: deque[threading.Event] = deque()
        self._running = False
        self._usual = FIRST_GUESS
        self._began = self._refused = -CROWDED
        self.state = "cold"

    def start(self) -> None:
        """Warm up; `state` is "warm" from then on, or "failed".

        Raises:
            CatchlightError: A detector can't be loaded.
        """
        try:
            self._scorer.start()
        except CatchlightError:
            self.state = "failed"
            raise
        self.state = "warm"

    def start_in_background(self) -> threading.Thread:
        """Warm up without keeping the process from answering that it lives; a failure is logged."""
        thread = threading.Thread(target=self._try_to_start, name="warm-up", daemon=True)
        thread.start()
        return thread

    def close(self) -> None:
        """Take nothing more, and end the child."""
        self.state = "stopping"
        self._scorer.close()

    def demand_room(self) -> None:
        """Raise Overloaded if a file would be refused now; saves reading a body that nobody will judge."""
        with self._lock:
            full = self._full()
        if full:
            raise self._overloaded()

    def judge(self, path: Path, options: Mapping[str, object], *, name: str, patient: bool = False) -> Answer:
        """Judge a file, after those that came before.

        Args:
            path: The file.
            options: See `catchlight.serve.sandbox.options`.
            name: What its owner calls it.
            patient: Wait for room, too, as far as the deadline allows.

        Raises:
            Overloaded: The line is full, or the turn did not come in time.
            MediaError: The file can't be judged.
        """
        until = time.monotonic() + self._deadline
        with self._turn(until, patient):
            self._began = began = time.monotonic()
            try:
                left, soon = round(max(0.1, until - began), 2), self._picture
                return self._scorer.score(
                    path, name=name, options=options, seconds=left, picture=soon, wait=min(left, soon)
                )
            finally:
                self._usual += SMOOTHING * (time.monotonic() - began - self._usual)

    def _try_to_start(self) -> None:
        try:
            self.start()
        except CatchlightError as error:
            log.error("the engine did not start: %s", error)

    @contextmanager
    def _turn(self, until: float, patient: bool) -> Iterator[None]:
        arrived = time.monotonic()
        turn = self._queue(until, patient)
        try:
            came = turn.wait(max(0.0, until - time.monotonic()))
            self._metrics.wait.observe(time.monotonic() - arrived)
            if not came and self._leave(turn):
                self._metrics.refused.labels("late").inc()
                raise Overloaded("your turn did not come in time; come again later", self._usual)
            self._metrics.busy.set(1)
            yield
        finally:
            self._metrics.busy.set(0)
            self._next(turn)

    def _queue(self, until: float, patient: bool) -> threading.Event:
        """Stand in line; the event is set when the turn comes."""
        while True:
            with self._lock:
                if not self._full():
                    return self._stand()
            if not patient or time.monotonic() > until:
                raise self._overloaded()
            time.sleep(self._usual / 4)

    def _stand(self) -> threading.Event:
        turn = threading.Event()
        if self._running:
            self._line.append(turn)
        else:
            self._running = True
            turn.set()
        self._metrics.depth.set(len(self._line))
        return turn

    def _full(self) -> bool:
        if self.state == "stopping" or len(self._line) >= self._waiting:
            return True
        now = time.monotonic()
        early = self._running and now - self._began < NEARLY * self._usual
        return early and now - self._refused < CROWDED

    def _leave(self, turn: threading.Event) -> bool:
        """Step out of the line; False if the turn came in this very moment."""
        with self._lock:
            if turn.is_set():
                return False
            self._line.remove(turn)
            return True

    def _next(self, done: threading.Event) -> None:
        """Let the next one have its turn, if ``done`` had it."""
        with self._lock:
            if not done.is_set():
                return
            if self._line:
                self._line.popleft().set()
            else:
                self._running = False
            self._metrics.depth.set(len(self._line))

    def _overloaded(self) -> Overloaded:
        self._metrics.refused.labels("full").inc()
        self._refused = time.monotonic()
        seconds = self._usual * (self._waiting + 1)
        return Overloaded("other files are before yours, and no more may wait; come again", seconds)
