"""The life of a job as pure functions: a record before -> the record after, or an error of ours.

Both databases (`sqlite_table`, `redis_table`) change records through these alone, one at a time, so that the rules are
written once. The rule that everything rests on is the *fence*: a number that grows with each claim and each
cancellation. Who comes with an old one has lost the job, whatever they did with it meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from catchlight.detector.errors import DataError, LeaseLost
from catchlight.serve.jobs.problems import problem
from catchlight.serve.jobs.types import Claim, Job, JobState, Json


@dataclass(frozen=True, slots=True)
class Rules:
    """How long jobs may take and are kept.

    Attributes:
        attempts: Claims after which a job that ended every worker is failed.
        patience: Seconds that a job waits for a worker before it expires.
        keep: Seconds that a result is kept after the end, and then that the job is known as expired.
        deliveries: How often a webhook is tried.
    """

    attempts: int = 3  # one for the file, one for the machine, one for bad luck
    patience: float = 24 * 3600.0
    keep: float = 24 * 3600.0
    deliveries: int = 8  # over an hour, see RETRY_WEBHOOK


RETRY_JOB = 2.0  # seconds until a failed attempt is tried again, doubled each time
RETRY_WEBHOOK = 30.0  # as RETRY_JOB: 30 s, 1 min, 2 min, ... 32 min before the eighth try
EXHAUSTED = "attempts_exhausted"


@dataclass(frozen=True, slots=True)
class Record:
    """All that is kept of a job; `Job` is what its owner sees.

    Attributes:
        due: When the job may be claimed: a queued one from then on, a running one when its lease has run out.
            None when final.
        fence: Grows with each claim and each cancellation.
        worker: Who holds it, or held it last.
        retain: Seconds to keep the media after the end.
        media_until: When the media are deleted; None before the end, and when they are gone.
        request: Hash of file and options, to compare submissions of one idempotency key.
        key: The idempotency key.
        webhook: Where to tell the end.
        notify: When to tell it (again); None when there is nothing to tell.
        tries: How often it was told in vain.
        page: Name of the file with the page on the result; None when there is none.
    """

    id: str
    owner: str
    state: JobState
    created: float
    updated: float
    expires: float
    options: Json
    media_name: str
    media_sha256: str
    request: str
    retain: float = 0.0
    progress: float = 0.0
    attempts: int = 0
    partial: Json | None = None
    result: Json | None = None
    error: Json | None = None
    due: float | None = None
    fence: int = 0
    worker: str = ""
    media_until: float | None = None
    key: str | None = None
    webhook: str | None = None
    notify: float | None = None
    tries: int = 0
    page: str | None = None

    def job(self) -> Job:
        """What the owner sees."""
        return Job(**{field.name: getattr(self, field.name) for field in fields(Job)})

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), allow_nan=False)


def from_json(text: str | bytes) -> Record:
    """The inverse of `Record.to_json`.

    Raises:
        DataError: It is no record of this version.
    """
    try:
        data: dict[str, Any] = json.loads(text)
        return Record(**{**data, "state": JobState(data["state"])})
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"a job in the store can't be read ({error}); was it written by another version?"
        ) from error


def claimed(record: Record, worker: str, lease: float, now: float, rules: Rules) -> Record | None:
    """Taken by a worker; failed if its attempts are used up; None if it can't be claimed."""
    if record.due is None or record.due > now:
        return None
    if record.attempts >= rules.attempts:
        return _ended(record, JobState.failed, now, rules, error=_exhausted(record))
    return replace(
        record,
        state=JobState.running,
        updated=now,
        attempts=record.attempts + 1,
        progress=0.0,
        due=now + lease,
        fence=record.fence + 1,
        worker=worker,
    )


def extended(
    record: Record, claim: Claim, lease: float, progress: float | None, partial: Json | None, now: float
) -> Record:
    """Held on to.

    Raises:
        LeaseLost: It is no longer this claim's.
    """
    _check(record, claim)
    return replace(
        record,
        updated=now,
        due=now + lease,
        progress=record.progress if progress is None else min(1.0, max(record.progress, progress)),
        partial=record.partial if partial is None else partial,
    )


def finished(
    record: Record, claim: Claim, result: Json, page: str | None, now: float, rules: Rules
) -> Record:
    """Done, with its report.

    Raises:
        LeaseLost: It is no longer this claim's.
    """
    _check(record, claim)
    return replace(_ended(record, JobState.done, now, rules, result=result), page=page)


def failed(record: Record, claim: Claim, problem: Json, retry: bool, now: float, rules: Rules) -> Record:
    """Failed for good, or queued again where attempts are left and it may help.

    Raises:
        LeaseLost: It is no longer this claim's.
    """
    _check(record, claim)
    if retry and record.attempts < rules.attempts:
        later = now + RETRY_JOB * 2 ** (record.attempts - 1)
        return replace(record, state=JobState.queued, updated=now, due=later, progress=0.0)
    return _ended(record, JobState.failed, now, rules, error=problem)


def released(record: Record, claim: Claim, now: float) -> Record:
    """Queued again as if it had not been claimed.

    Raises:
        LeaseLost: It is no longer this claim's.
    """
    _check(record, claim)
    return replace(
        record, state=JobState.queued, updated=now, due=now, progress=0.0, attempts=record.attempts - 1
    )


def cancelled(record: Record, now: float, rules: Rules) -> Record:
    """Stopped by its owner; one that has ended stays as it is."""
    if record.state.final:
        return record
    return _ended(record, JobState.cancelled, now, rules)


def swept(record: Record, now: float, rules: Rules) -> Record | None:
    """After whatever time has brought; None when it is to be forgotten."""
    if record.media_until is not None and record.media_until <= now:
        record = replace(record, media_until=None)
    if record.expires > now:
        return record
    if record.state is JobState.expired:
        return None
    if record.state is JobState.running and (record.due or 0.0) > now:
        return record
    return replace(
        _ended(record, JobState.expired, now, rules),
        partial=None,
        media_until=None,
        page=None,
        # One that never ran is news to its owner; of one that ended they were told then.
        notify=now if record.webhook and not record.state.final else record.notify,
    )


def told(record: Record, ok: bool, now: float, rules: Rules) -> Record:
    """After a webhook was tried."""
    if ok or record.tries + 1 >= rules.deliveries:
        return replace(record, notify=None, tries=record.tries + 1)
    return replace(record, notify=now + RETRY_WEBHOOK * 2**record.tries, tries=record.tries + 1)


def _check(record: Record, claim: Claim) -> None:
    if record.state is not JobState.running or record.fence != claim.fence:
        raise LeaseLost(
            f"job {record.id} is {record.state}, held by {record.worker or 'nobody'}; {claim.worker} had it before and "
            "has lost it. Drop the work."
        )


def _ended(
    record: Record,
    state: JobState,
    now: float,
    rules: Rules,
    result: Json | None = None,
    error: Json | None = None,
) -> Record:
    return replace(
        record,
        state=state,
        updated=now,
        expires=now + max(rules.keep, record.retain),
        progress=1.0 if state is JobState.done else record.progress,
        result=result,
        error=error,
        due=None,
        fence=record.fence + 1,
        media_until=now + record.retain,
        notify=now if record.webhook else None,
    )


def _exhausted(record: Record) -> Json:
    return problem(
        EXHAUSTED,
        f"{record.attempts} workers began to judge {record.media_name} and none of them came back, the last being "
        f"{record.worker}. The machine may be out of memory, or the file hostile; try it with `catchlight detect`.",
    )
