"""The words of the job half: what a job is, and what every store of jobs promises.

A job is handed from hand to hand: `submit` by the front door, `claim` by a worker, `finish` or `fail` by the worker
that still holds the claim. docs/jobs.md tells what is guaranteed when any of them dies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

Json = Mapping[str, object]


class JobState(StrEnum):
    """Where a job is in its life; the last four are final.

    Example:
        >>> JobState.running.final, JobState("failed").final
        (False, True)
    """

    queued = "queued"
    running = "running"
    done = "done"
    failed = "failed"
    cancelled = "cancelled"
    expired = "expired"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen to the job, but that it is forgotten."""
        return self not in (JobState.queued, JobState.running)


@dataclass(frozen=True, slots=True)
class Job:
    """One file to judge, as its owner sees it.

    Attributes:
        id: 32 hexadecimal digits, not to be guessed.
        state: Where it is in its life.
        created: When it was submitted, in seconds since 1970 (all times are).
        updated: When anything of it last changed.
        expires: When result and media are deleted; before that, when a job that never ran is given up.
        progress: 0 to 1.
        attempts: How often a worker has begun with it.
        options: How it is judged, see `catchlight.serve.sandbox.options`.
        partial: A report on the frames looked at so far (schema 1, fewer frames); None before the first.
        result: The report as plain JSON values (schema 1) when done.
        error: Why it failed, as an RFC 9457 problem: ``type``, ``title``, ``status``, ``detail``, ``code``.
        media_name: The name that its owner gave to the file.
        media_sha256: Hash of the file.
        owner: Whose it is; nobody else sees it.
    """

    id: str
    state: JobState
    created: float
    updated: float
    expires: float
    progress: float
    attempts: int
    options: Json
    partial: Json | None
    result: Json | None
    error: Json | None
    media_name: str
    media_sha256: str
    owner: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A worker's hold on a job, until it is finished or the lease runs out.

    Attributes:
        job: The job, running.
        media: The file to judge.
        fence: Grows with each claim of this job; only the latest may finish it.
        worker: Who holds it.
        until: When others may take it over, unless a heartbeat comes first.
    """

    job: Job
    media: Path
    fence: int
    worker: str
    until: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook to send: the finished job, where to, and how often it was tried."""

    job: Job
    url: str
    tries: int


class JobStore(Protocol):
    """Keeps jobs through crashes of every process; safe for use by threads, processes and (Redis) machines at once.

    Attributes:
        folder: Where media and pages lie; workers on other machines need it, too.

    Every method raises StoreError when the database or the media folder can't be reached, written or is full.
    """

    folder: Path

    def submit(
        self,
        media: Path,
        *,
        options: Json,
        owner: str,
        name: str | None = None,
        idempotency_key: str | None = None,
        webhook: str | None = None,
        retain: float = 0.0,
    ) -> Job:
        """Take a copy of the file and queue a job; when this returns, the job survives a crash.

        Args:
            media: The file; it stays the caller's.
            options: How to judge it; plain JSON values.
            owner: Who may see the job.
            name: The file's name as its owner knows it; by default that of ``media``.
            idempotency_key: Two submissions of one owner with the same key are one job.
            webhook: Where to tell the end of the job.
            retain: Seconds to keep the file after the job has ended; 0 deletes it as soon as the report exists.

        Raises:
            JobConflict: The key was used for another file or other options.
            ConfigError: The webhook is no address that can be called.
        """
        ...

    def get(self, id: str, owner: str) -> Job:
        """The job now. Raises JobNotFound when there is none, or it is another owner's."""
        ...

    def page(self, id: str, owner: str) -> str | None:
        """The HTML page on a job that is done; None without one. Raises JobNotFound."""
        ...

    def webhook_secret(self, owner: str) -> str:
        """The key with which this owner's webhooks are signed, for them to verify what they get."""
        ...

    def list(self, owner: str, limit: int = 100) -> tuple[Job, ...]:
        """The owner's jobs, the newest first."""
        ...

    def cancel(self, id: str, owner: str) -> Job:
        """Stop a job; one that has ended stays as it is. Raises JobNotFound."""
        ...

    def delete(self, id: str, owner: str) -> None:
        """Stop a job and forget all of it, media and result too. Raises JobNotFound."""
        ...

    def counts(self) -> Mapping[JobState, int]:
        """How many jobs are in each state, for metrics and back-pressure."""
        ...

    def claim(self, worker: str, lease: float) -> Claim | None:
        """Take the job that waits longest, for ``lease`` seconds; None when none waits.

        A job whose worker died is taken over when its lease has run out; one that has used up its attempts ends as
        failed instead.
        """
        ...

    def heartbeat(
        self, claim: Claim, lease: float, progress: float | None = None, partial: Json | None = None
    ) -> Claim:
        """Hold on for another ``lease`` seconds. Raises LeaseLost when it was cancelled or taken over."""
        ...

    def finish(self, claim: Claim, result: Json, page: str | None = None) -> Job:
        """End a job with its report and the page on it.

        Raises LeaseLost where another worker's word counts by now, or it was cancelled.
        """
        ...

    def fail(self, claim: Claim, problem: Json, retry: bool = False) -> Job:
        """End a job with a problem, or queue it again if attempts are left and ``retry``. Raises LeaseLost."""
        ...

    def release(self, claim: Claim) -> Job:
        """Give a job back as if it had not been claimed, for a worker that stops. Raises LeaseLost."""
        ...

    def sweep(self) -> int:
        """Expire, forget and delete what is due; returns how many jobs changed. Workers call it now and then."""
        ...

    def next_delivery(self, lease: float) -> Delivery | None:
        """The next webhook to send; others leave it alone for ``lease`` seconds."""
        ...

    def delivered(self, delivery: Delivery, ok: bool) -> None:
        """Note the outcome of a delivery; a failed one comes again later, and is given up in the end."""
        ...

    def close(self) -> None:
        """Let go of connections; calling it twice is fine."""
        ...
