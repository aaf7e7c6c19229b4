"""The store of jobs: the rules of `records` over a database and a folder of media.

The order of steps is what makes it safe: a file is there before its job, a job is over before its file goes, and
whatever a crash leaves between the two is swept up later.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from catchlight.detector.closing import Closing
from catchlight.detector.errors import ConfigError, JobConflict, JobNotFound, LeaseLost, StoreError
from catchlight.serve.jobs import records, webhooks
from catchlight.serve.jobs.folder import MEDIA, Folder
from catchlight.serve.jobs.records import Record, Rules
from catchlight.serve.jobs.table import Step, Table
from catchlight.serve.jobs.types import Claim, Delivery, Job, JobState, Json

AT_ONCE = 100  # records that a sweep looks at in one go
CANDIDATES = 8  # waiting jobs that a worker tries to get, before it says that there is none


class Store(Closing):
    """A `JobStore`; use `catchlight.serve.jobs.open.open_store` to get one.

    Args:
        table: The database.
        folder: Where media and pages lie.
        rules: How long jobs may take and are kept.
    """

    def __init__(self, table: Table, folder: Folder, rules: Rules = Rules()) -> None:  # noqa: B008 (it is frozen)
        self._table, self._files, self.rules = table, folder, rules
        self.folder = folder.files

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
        """As `JobStore.submit`."""
        if webhook is not None:
            webhooks.check(webhook)
        if retain < 0:
            raise ConfigError(f"retain: expected 0 seconds or more, received {retain!r}")
        _request("", options)  # before there is a file that would have to go again
        id, now = secrets.token_hex(16), self._table.now()
        sha256 = self._files.keep(id, media)
        fresh = Record(
            id=id,
            owner=owner,
            state=JobState.queued,
            created=now,
            updated=now,
            expires=now + self.rules.patience,
            options=dict(options),
            media_name=name or media.name,
            media_sha256=sha256,
            request=_request(sha256, options),
            retain=retain,
            due=now,
            key=idempotency_key,
            webhook=webhook,
        )
        return self._added(fresh).job()

    def _added(self, fresh: Record) -> Record:
        """The fresh record in the table, or the one that was there before."""
        try:
            record = self._table.insert(fresh)
        except BaseException:
            with suppress(StoreError):  # who can't be asked may have it, and then it needs its file
                if self._table.read(fresh.id) is None:
                    self._files.drop(self._files.media(fresh.id))
            raise
        if record.id != fresh.id:
            self._files.drop(self._files.media(fresh.id))
        if record.request != fresh.request:
            raise JobConflict(
                f"the idempotency key {fresh.key!r} was used for another file or other options, as job {record.id}; "
                "use a new key for each request"
            )
        return record

    def get(self, id: str, owner: str) -> Job:
        """As `JobStore.get`."""
        return self._of(owner, id).job()

    def page(self, id: str, owner: str) -> str | None:
        """As `JobStore.page`."""
        name = self._of(owner, id).page
        return None if name is None else self._files.page(name)

    def webhook_secret(self, owner: str) -> str:
        """As `JobStore.webhook_secret`."""
        return webhooks.secret_of(owner, self._files.secret())

    def list(self, owner: str, limit: int = 100) -> tuple[Job, ...]:
        """As `JobStore.list`."""
        return tuple(record.job() for record in self._table.of_owner(owner, limit))

    def counts(self) -> Mapping[JobState, int]:
        """As `JobStore.counts`."""
        return self._table.counts()

    def cancel(self, id: str, owner: str) -> Job:
        """As `JobStore.cancel`."""
        self._of(owner, id)
        now = self._table.now()
        return self._ended(self._changed(id, lambda record: records.cancelled(record, now, self.rules))).job()

    def delete(self, id: str, owner: str) -> None:
        """As `JobStore.delete`."""
        self._of(owner, id)
        self._table.change(id, lambda record: None)
        self._files.drop_all(id)

    def claim(self, worker: str, lease: float) -> Claim | None:
        """As `JobStore.claim`."""
        now = self._table.now()
        for id in self._table.due(now, CANDIDATES):
            record, mine = self._claimed(id, worker, lease, now)
            if record is not None and mine:
                return Claim(record.job(), self._files.media(id), record.fence, worker, record.due or now)
            if record is not None and record.state.final:
                self._ended(record)
        return None

    def _claimed(self, id: str, worker: str, lease: float, now: float) -> tuple[Record | None, bool]:
        """The record after the attempt to claim it, and whether it succeeded."""
        mine = False

        def step(record: Record) -> Record:
            nonlocal mine
            after = records.claimed(record, worker, lease, now, self.rules)
            mine = after is not None and after.state is JobState.running
            return after or record

        return self._table.change(id, step), mine

    def heartbeat(
        self, claim: Claim, lease: float, progress: float | None = None, partial: Json | None = None
    ) -> Claim:
        """As `JobStore.heartbeat`."""
        now = self._table.now()
        record = self._held(claim, lambda r: records.extended(r, claim, lease, progress, partial, now))
        return replace(claim, job=record.job(), until=record.due or now)

    def finish(self, claim: Claim, result: Json, page: str | None = None) -> Job:
        """As `JobStore.finish`."""
        now, name = self._table.now(), None
        if page is not None:
            name = self._files.keep_page(f"{claim.job.id}.{claim.fence}", page)
        try:
            record = self._held(claim, lambda r: records.finished(r, claim, result, name, now, self.rules))
        except LeaseLost:
            self._files.drop_page(name)
            raise
        return self._ended(record).job()

    def fail(self, claim: Claim, problem: Json, retry: bool = False) -> Job:
        """As `JobStore.fail`."""
        now = self._table.now()
        record = self._held(claim, lambda r: records.failed(r, claim, problem, retry, now, self.rules))
        return self._ended(record).job()

    def release(self, claim: Claim) -> Job:
        """As `JobStore.release`."""
        now = self._table.now()
        return self._held(claim, lambda r: records.released(r, claim, now)).job()

    def sweep(self) -> int:
        """As `JobStore.sweep`."""
        now, count = self._table.now(), 0
        while ids := self._table.to_sweep(now, AT_ONCE):
            for id in ids:  # each of them leaves the list: its next moment lies in the future
                record = self._table.change(id, lambda r: records.swept(r, now, self.rules))
                if record is None or record.state is JobState.expired:
                    self._files.drop_all(id)
                elif record.media_until is None and record.state.final:
                    self._files.drop(self._files.media(id))
            count += len(ids)
        return count + self._files.strays(self._wanted)

    def next_delivery(self, lease: float) -> Delivery | None:
        """As `JobStore.next_delivery`."""
        now = self._table.now()
        for id in self._table.to_notify(now, CANDIDATES):
            record, mine = self._taken(id, now, lease)
            if record is not None and record.webhook and mine:
                return Delivery(record.job(), record.webhook, record.tries)
        return None

    def _taken(self, id: str, now: float, lease: float) -> tuple[Record | None, bool]:
        mine = False

        def step(record: Record) -> Record:
            nonlocal mine
            mine = record.notify is not None and record.notify <= now
            return replace(record, notify=now + lease) if mine else record

        return self._table.change(id, step), mine

    def delivered(self, delivery: Delivery, ok: bool) -> None:
        """As `JobStore.delivered`."""
        now = self._table.now()
        self._table.change(delivery.job.id, lambda record: records.told(record, ok, now, self.rules))

    def close(self) -> None:
        """As `JobStore.close`."""
        self._table.close()

    def _of(self, owner: str, id: str) -> Record:
        record = self._table.read(id)
        if record is None or record.owner != owner:
            raise JobNotFound(f"there is no job {id!r}; it may have been deleted, or it is another owner's")
        return record

    def _changed(self, id: str, step: Step) -> Record:
        record = self._table.change(id, step)
        if record is None:
            raise JobNotFound(f"there is no job {id!r}; it may have been deleted")
        return record

    def _held(self, claim: Claim, step: Step) -> Record:
        record = self._table.change(claim.job.id, step)
        if record is None:
            raise LeaseLost(f"job {claim.job.id} was deleted by its owner; drop the work")
        return record

    def _ended(self, record: Record) -> Record:
        """Delete at once what was not to be retained; what a crash keeps from it, `sweep` does."""
        if record.state.final and record.media_until is not None and record.media_until <= record.updated:
            self._files.drop(self._files.media(record.id))
        return record

    def _wanted(self, name: str) -> bool:
        """Whether a file of the folder is of a job that needs it."""
        record = self._table.read(name.partition(".")[0])
        if record is None:
            return False
        if name.endswith(MEDIA):
            return not record.state.final or record.media_until is not None
        return name == record.page or not record.state.final


def _request(sha256: str, options: Json) -> str:
    try:
        asked = json.dumps([sha256, options], sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"options must be plain JSON values, received {options!r}: {error}") from error
    return hashlib.sha256(asked.encode()).hexdigest()
