"""Owners cancel, delete and send again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from catchlight.detector.errors import JobConflict, JobNotFound, LeaseLost
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.types import JobState

REPORT = {"verdict": "real", "p_fake": 0.1}
HOOK = "https://example.org/hook"


@pytest.mark.parametrize("running", [False, True])
def test_cancel(submit, store, file, running):
    job = submit(file, webhook=HOOK)
    claim = store.claim("worker", 60) if running else None
    assert store.cancel(job.id, "ann").state == "cancelled"
    assert store.cancel(job.id, "ann").state == "cancelled"
    if claim:
        with pytest.raises(LeaseLost, match="cancelled"):
            store.heartbeat(claim, 60)
        with pytest.raises(LeaseLost):
            store.finish(claim, REPORT)
    assert store.claim("worker", 60) is None
    assert not list(store.folder.glob(f"{job.id}*"))
    assert store.next_delivery(10).job.state == "cancelled"


def test_what_is_done_stays_done_when_cancelled(submit, store, file):
    job = submit(file)
    done = store.finish(store.claim("worker", 60), REPORT)
    assert store.cancel(job.id, "ann") == done


def test_delete_leaves_nothing(submit, store, file):
    job, other = submit(file), submit(file)
    claim = store.claim("worker", 60)
    store.delete(job.id, "ann")
    with pytest.raises(LeaseLost, match="deleted"):
        store.finish(claim, REPORT, page="<html></html>")
    with pytest.raises(JobNotFound):
        store.get(job.id, "ann")
    assert [job.id for job in store.list("ann")] == [other.id]
    assert [path.name for path in store.folder.iterdir()] == [f"{other.id}.media"]
    assert store.counts()[JobState.queued] == 1


def test_the_same_key_is_the_same_job(submit, store, file, tmp_path):
    first = submit(file, idempotency_key="k1")
    assert submit(file, idempotency_key="k1") == first
    assert submit(file, idempotency_key="k2").id != first.id
    assert submit(file, owner="bob", idempotency_key="k1").id != first.id
    other = tmp_path / "other.jpg"
    other.write_bytes(b"something else")
    with pytest.raises(JobConflict, match="k1"):
        submit(other, idempotency_key="k1")
    with pytest.raises(JobConflict):
        store.submit(file, options={"page": True}, owner="ann", idempotency_key="k1")
    assert len(list(store.folder.glob("*.media"))) == 3


def test_the_same_key_from_many_threads_at_once_is_one_job(submit, url, store, file):
    def one(_):
        with open_store(url) as own:
            return submit(file, to=own, idempotency_key="k").id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(one, range(16)))) == 1
    assert store.counts()[JobState.queued] == 1


def test_a_key_is_free_again_when_its_job_is_deleted(submit, store, file):
    first = submit(file, idempotency_key="k")
    store.delete(first.id, "ann")
    assert submit(file, idempotency_key="k").id != first.id
