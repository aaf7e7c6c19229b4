"""A worker: takes jobs from the store, one after the other, and has them judged in its sandbox.

    with open_store("sqlite:///jobs.sqlite") as store, Scorer() as scorer:
        Worker(store, scorer).run(threading.Event())

It holds its job by heartbeats. Killed, it leaves a lease that runs out, and another worker begins anew; stopped, it
ends its job if that takes not too long, and gives it back otherwise.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from catchlight.detector.errors import CatchlightError, LeaseLost, Overloaded, ServiceError, StoreError
from catchlight.serve.jobs import problems
from catchlight.serve.jobs.types import Claim, JobState, JobStore
from catchlight.serve.sandbox.scorer import Answer, Scorer

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """How a worker behaves."""

    lease: float = 30.0  # seconds after which the job of a worker that died is taken over
    poll: float = 0.5  # seconds between two looks for work
    seconds: float = 1800.0  # most that one job may take; half an hour of 4K decodes in that
    picture: float = 120.0  # seconds in which a file must show its first picture, or the job fails
    grace: float = 20.0  # seconds that a job may still take when the worker is told to stop
    sweep: float = 60.0  # seconds between two sweeps
    tell: float = 1.0  # seconds between two words of progress
    idle: float = 60.0  # seconds without a job after which the sandbox ends: it has most of a worker's memory


class Worker:
    """Judges jobs one by one; for one thread.

    Args:
        store: Where they come from.
        scorer: The sandbox in which they are judged; its ``wall_seconds`` bound a job, too.
        config: How to behave.
        name: What to call it in the store; by default machine, process and a random part.
    """

    def __init__(
        self,
        store: JobStore,
        scorer: Scorer,
        config: WorkerConfig = WorkerConfig(),
        name: str = "",
    ) -> None:
        self._store, self._scorer, self._config = store, scorer, config
        self._busy = time.monotonic()
        self.name = name or f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set. A store that is away is waited for.

        Raises:
            CatchlightError: The detector can't be loaded.
        """
        swept, started = -self._config.sweep, False
        while not stop.is_set():
            try:
                if not started:  # what can't be loaded is told now, and not with the first job
                    started = bool(self._scorer.start())
                if time.monotonic() - swept >= self._config.sweep:
                    self._store.sweep()
                    swept = time.monotonic()
                if not self.work(stop):
                    stop.wait(self._config.poll)
            except ServiceError as error:
                log.error("%s", error)
                stop.wait(10 * self._config.poll)

    def work(self, stop: threading.Event | None = None) -> bool:
        """Do one job; False if there is none.

        Raises:
            StoreError: The store is away.
            CatchlightError: The sandbox does not start.
        """
        if not self._is_work():
            return False
        self._scorer.start()  # before there is a lease that could run out meanwhile
        claim = self._store.claim(self.name, self._config.lease)
        if claim is None:
            return False
        hold = _Hold(self._store, claim, self._config, stop or threading.Event())
        try:
            self._judge(claim, hold)
        except LeaseLost as error:
            log.warning("%s", error)
        return True

    def _is_work(self) -> bool:
        """Whether a job waits, or runs and might be taken over; after a while without, the sandbox ends."""
        counts = self._store.counts()
        if counts.get(JobState.queued, 0) + counts.get(JobState.running, 0):
            self._busy = time.monotonic()
            return True
        if time.monotonic() - self._busy > self._config.idle:
            self._scorer.close()
        return False

    def _judge(self, claim: Claim, hold: _Hold) -> None:
        began = time.monotonic()
        try:
            answer = self._answer(claim, hold)
        except LeaseLost:
            raise
        except Overloaded:
            hold.patiently(lambda: self._store.release(claim))
            log.info("job %s given back", claim.job.id)
        except CatchlightError as error:
            problem, again = problems.of_error(error), problems.may_pass(error)
            hold.patiently(lambda: self._store.fail(claim, problem, retry=again))
            log.info("job %s failed: %s", claim.job.id, error.code)
        else:
            hold.patiently(lambda: self._store.finish(claim, answer.report, answer.page))
            log.info("job %s done in %.1f s", claim.job.id, time.monotonic() - began)

    def _answer(self, claim: Claim, hold: _Hold) -> Answer:
        if not claim.media.is_file():
            raise StoreError(
                f"the file of the job is not in {claim.media.parent} of {socket.gethostname()}; expected a folder that "
                "all machines share (`media` in the store's address)"
            )
        return self._scorer.score(
            claim.media,
            name=claim.job.media_name,
            options=claim.job.options,
            seconds=self._config.seconds,
            picture=self._config.picture,
            watch=hold.watch,
            partial=hold.partial,
        )


class _Hold:
    """A claim that is kept alive while the job is judged."""

    def __init__(self, store: JobStore, claim: Claim, config: WorkerConfig, stop: threading.Event) -> None:
        self._store, self._claim, self._config, self._stop = store, claim, config, stop
        self._beaten = time.monotonic()
        self._share: float | None = None
        self._ending: float | None = None

    def watch(self, share: float | None) -> None:
        """Called twice a second: heartbeats, and the end of the work where the job is lost or the worker stops."""
        self._share = share if share is not None else self._share
        self._check_stop()
        silent = time.monotonic() - self._beaten
        if silent >= self._config.lease / 3 or (share is not None and silent >= self._config.tell):
            self._beat(None)

    def partial(self, report: Mapping[str, Any]) -> None:
        """Pass on the first look."""
        self._beat(report)

    def patiently(self, act: Callable[[], T]) -> T:
        """Tell the store the end; one that is away is asked again for as long as the lease lasts.

        Raises:
            LeaseLost: The job is another's by now.
            StoreError: The store stayed away; the job will be done again.
        """
        until = self._beaten + self._config.lease
        while True:
            try:
                return act()
            except StoreError as error:
                if time.monotonic() > until:
                    raise
                log.warning("%s", error)
                time.sleep(self._config.poll)

    def _beat(self, partial: Mapping[str, Any] | None) -> None:
        try:
            self._store.heartbeat(self._claim, self._config.lease, self._share, partial)
            self._beaten = time.monotonic()
        except StoreError as error:
            if time.monotonic() - self._beaten > self._config.lease:
                raise LeaseLost(
                    f"job {self._claim.job.id}: the store is away for longer than the lease"
                ) from error
            log.warning("%s", error)

    def _check_stop(self) -> None:
        if not self._stop.is_set():
            return
        self._ending = self._ending or time.monotonic()
        if time.monotonic() - self._ending > self._config.grace:
            raise Overloaded("the worker stops; the job goes back")
