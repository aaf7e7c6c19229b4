"""The contract of a store of jobs, the same for SQLite and for a real Redis."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from catchlight.detector.errors import ConfigError, JobConflict, JobNotFound, LeaseLost, MediaNotFound
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.types import JobState

REPORT, PROBLEM = {"verdict": "real", "p_fake": 0.1}, {"code": "not_media"}
HOOK = "https://example.org/hook"


def submit(store, file, owner="ann", **more):
    return store.submit(file, options={"detector": "mobilenet"}, owner=owner, **more)


def test_a_job_from_submission_to_its_report(store, file):
    job = submit(store, file, name="beach.jpg", retain=5)
    assert (job.state, job.attempts, job.progress, job.media_name) == ("queued", 0, 0.0, "beach.jpg")
    assert job.media_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert job.options == {"detector": "mobilenet"}
    file.unlink()  # the store has its own copy

    claim = store.claim("worker", 60)
    assert (claim.job.id, claim.job.state, claim.job.attempts) == (job.id, "running", 1)
    assert claim.media.read_bytes() == b"bytes of a picture"
    assert store.claim("other", 60) is None

    store.heartbeat(claim, 60, progress=0.5, partial={"verdict": "undecided"})
    seen = store.get(job.id, "ann")
    assert (seen.progress, seen.partial) == (0.5, {"verdict": "undecided"})

    done = store.finish(claim, REPORT, page="<html>é</html>")
    assert (done.state, done.progress, done.result, done.error) == ("done", 1.0, REPORT, None)
    assert store.get(job.id, "ann") == done
    assert store.page(job.id, "ann") == "<html>é</html>"
    assert store.counts() == {state: int(state == "done") for state in JobState}


def test_jobs_are_claimed_in_the_order_of_their_submission(store, file):
    jobs = [submit(store, file).id for _ in range(5)]
    assert [store.claim("worker", 60).job.id for _ in jobs] == jobs
    assert [job.id for job in store.list("ann")] == jobs[::-1]
    assert len(store.list("ann", limit=2)) == 2


def test_the_secret_of_webhooks_lies_where_no_sandbox_reads(store):
    store.webhook_secret("ann")
    assert not list(store.folder.rglob("*"))
    assert [path.name for path in store.folder.parent.iterdir() if path.is_file()] == ["webhook.secret"]


def test_owners_see_only_what_is_theirs(store, file):
    job = submit(store, file)
    for act in (store.get, store.cancel, store.delete, store.page):
        with pytest.raises(JobNotFound):
            act(job.id, "bob")
    assert store.list("bob") == ()
    assert store.webhook_secret("ann") != store.webhook_secret("bob")
    assert store.webhook_secret("ann") == store.webhook_secret("ann")


def test_one_claim_at_a_time(url, store, file):
    ids = {submit(store, file).id for _ in range(40)}

    def work(name):
        with open_store(url) as own:
            claims = []
            while claim := own.claim(name, 60):
                own.finish(claim, {"by": name})
                claims.append(claim.job.id)
            return claims

    with ThreadPoolExecutor(4) as threads:
        claimed = [id for part in threads.map(work, "abcd") for id in part]
    assert len(claimed) == len(ids)
    assert set(claimed) == ids


# When a worker dies


def test_a_dead_workers_job_is_taken_over_and_its_late_word_does_not_count(store, file, later):
    job = submit(store, file)
    first = store.claim("first", 10)
    later(5)
    first = store.heartbeat(first, 10)
    later(9)
    assert store.claim("second", 10) is None
    later(2)
    second = store.claim("second", 10)
    assert second.job.attempts == 2
    assert second.fence > first.fence
    for late in (
        lambda: store.finish(first, {"by": "first"}, page="<html>first</html>"),
        lambda: store.fail(first, PROBLEM),
        lambda: store.heartbeat(first, 10),
        lambda: store.release(first),
    ):
        with pytest.raises(LeaseLost, match="second"):
            late()
    store.finish(second, {"by": "second"})
    with pytest.raises(LeaseLost):
        store.finish(second, {"by": "second again"})
    assert store.get(job.id, "ann").result == {"by": "second"}
    assert store.page(job.id, "ann") is None


def test_a_job_that_ends_every_worker_fails_with_a_reason(store, file, later):
    job = submit(store, file, webhook=HOOK)
    for attempt in (1, 2, 3):
        assert store.claim(f"worker {attempt}", 10).job.attempts == attempt
        later(11)
    assert store.claim("worker 4", 10) is None
    failed = store.get(job.id, "ann")
    assert (failed.state, failed.attempts, failed.error["code"]) == ("failed", 3, "attempts_exhausted")
    assert "3 workers" in failed.error["detail"]
    assert store.next_delivery(10).job == failed


def test_what_may_pass_is_tried_again_later(store, file, later):
    job = submit(store, file)
    for attempt, wait in ((1, 2), (2, 4)):
        again = store.fail(store.claim("worker", 60), PROBLEM, retry=True)
        assert (again.state, again.attempts) == ("queued", attempt)
        assert store.claim("worker", 60) is None
        later(wait)
    failed = store.fail(store.claim("worker", 60), PROBLEM, retry=True)
    assert (failed.state, failed.error) == ("failed", PROBLEM)
    assert store.get(job.id, "ann") == failed


def test_a_job_given_back_has_lost_no_attempt(store, file):
    submit(store, file)
    for _ in range(5):
        assert store.release(store.claim("worker", 60)).state == "queued"
    assert store.claim("worker", 60).job.attempts == 1


# What owners do


@pytest.mark.parametrize("running", [False, True])
def test_cancel(store, file, running):
    job = submit(store, file, webhook=HOOK)
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


def test_what_is_done_stays_done_when_cancelled(store, file):
    job = submit(store, file)
    done = store.finish(store.claim("worker", 60), REPORT)
    assert store.cancel(job.id, "ann") == done


def test_delete_leaves_nothing(store, file):
    job, other = submit(store, file), submit(store, file)
    claim = store.claim("worker", 60)
    store.delete(job.id, "ann")
    with pytest.raises(LeaseLost, match="deleted"):
        store.finish(claim, REPORT, page="<html></html>")
    with pytest.raises(JobNotFound):
        store.get(job.id, "ann")
    assert [job.id for job in store.list("ann")] == [other.id]
    assert [path.name for path in store.folder.iterdir()] == [f"{other.id}.media"]
    assert store.counts()[JobState.queued] == 1


def test_the_same_key_is_the_same_job(store, file, tmp_path):
    first = submit(store, file, idempotency_key="k1")
    assert submit(store, file, idempotency_key="k1") == first
    assert submit(store, file, idempotency_key="k2").id != first.id
    assert submit(store, file, owner="bob", idempotency_key="k1").id != first.id
    other = tmp_path / "other.jpg"
    other.write_bytes(b"something else")
    with pytest.raises(JobConflict, match="k1"):
        submit(store, other, idempotency_key="k1")
    with pytest.raises(JobConflict):
        store.submit(file, options={"page": True}, owner="ann", idempotency_key="k1")
    assert len(list(store.folder.glob("*.media"))) == 3


def test_the_same_key_from_many_threads_at_once_is_one_job(url, store, file):
    def one(_):
        with open_store(url) as own:
            return submit(own, file, idempotency_key="k").id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(one, range(16)))) == 1
    assert store.counts()[JobState.queued] == 1


def test_a_key_is_free_again_when_its_job_is_deleted(store, file):
    first = submit(store, file, idempotency_key="k")
    store.delete(first.id, "ann")
    assert submit(store, file, idempotency_key="k").id != first.id


# What time does


def test_media_go_at_once_or_when_their_time_is_over(store, file, later):
    now, kept = submit(store, file), submit(store, file, retain=50)
    for _ in range(2):
        store.finish(store.claim("worker", 60), REPORT)
    store.sweep()
    names = {path.name for path in store.folder.glob("*.media")}
    assert names == {f"{kept.id}.media"}
    later(51)
    store.sweep()
    assert not list(store.folder.glob("*.media"))
    assert store.get(kept.id, "ann").result == store.get(now.id, "ann").result == REPORT


def test_results_expire_are_remembered_as_expired_and_then_forgotten(store, file, later):
    job = submit(store, file)
    store.finish(store.claim("worker", 60), REPORT, page="<html></html>")
    later(101)
    store.sweep()
    seen = store.get(job.id, "ann")
    assert (seen.state, seen.result) == ("expired", None)
    assert store.page(job.id, "ann") is None
    assert not list(store.folder.iterdir())
    later(101)
    store.sweep()
    with pytest.raises(JobNotFound):
        store.get(job.id, "ann")
    assert not any(store.counts().values())


def test_media_retained_longer_than_results_are_kept_with_them(store, file, later):
    job = submit(store, file, retain=500)
    store.finish(store.claim("worker", 60), REPORT)
    later(400)
    store.sweep()
    assert store.get(job.id, "ann").result == REPORT


def test_a_job_that_nobody_takes_expires_and_one_that_runs_does_not(store, file, later):
    waiting, running = submit(store, file, webhook=HOOK), submit(store, file)
    later(990)
    claims = [store.claim("worker", 60), store.claim("worker", 60)]
    store.release(claims[0])
    later(20)
    store.sweep()
    assert store.get(waiting.id, "ann").state == "expired"
    assert store.next_delivery(10).job.id == waiting.id
    assert store.finish(claims[1], REPORT).id == running.id


def test_what_a_crash_left_in_the_folder_is_swept_up(store, file):
    job = submit(store, file)
    for name in ("0f.media", ".1234", "0f.3.html"):
        (store.folder / name).write_text("left over")
        os.utime(store.folder / name, (0, 0))
    assert store.sweep() == 0  # they are young by the clock that nobody can set
    from catchlight.serve.jobs import folder

    folder_age = folder.STRAY
    try:
        folder.STRAY = -1.0
        assert store.sweep() == 3
    finally:
        folder.STRAY = folder_age
    assert store.claim("worker", 60).media.read_bytes() == b"bytes of a picture"
    assert {path.name for path in store.folder.iterdir()} == {f"{job.id}.media"}


# Webhooks


def test_a_webhook_is_due_at_the_end_tried_again_and_given_up(store, file, later):
    submit(store, file, webhook=HOOK)
    assert store.next_delivery(10) is None
    done = store.finish(store.claim("worker", 60), REPORT)
    for tries, wait in enumerate((30, 60, 1000)):
        delivery = store.next_delivery(10)
        assert (delivery.job, delivery.url, delivery.tries) == (done, HOOK, tries)
        assert store.next_delivery(10) is None  # another one has it
        store.delivered(delivery, ok=False)
        later(wait - 1)
        assert store.next_delivery(10) is None
        later(1)
    assert store.next_delivery(10) is None


def test_a_webhook_whose_sender_died_is_sent_by_another(store, file, later):
    submit(store, file, webhook=HOOK)
    store.finish(store.claim("worker", 60), REPORT)
    assert store.next_delivery(10)
    later(11)
    delivery = store.next_delivery(10)
    store.delivered(delivery, ok=True)
    later(10_000)
    assert store.next_delivery(10) is None


# What can't be


def test_wrong_submissions_leave_nothing(store, file, tmp_path):
    with pytest.raises(MediaNotFound, match="absent"):
        submit(store, tmp_path / "absent.jpg")
    with pytest.raises(ConfigError, match="https://host"):
        submit(store, file, webhook="ftp://example.org")
    with pytest.raises(ConfigError, match="retain"):
        submit(store, file, retain=-1)
    with pytest.raises(ConfigError, match="JSON"):
        store.submit(file, options={"rate": float("nan")}, owner="ann")
    assert not list(store.folder.iterdir())
    assert not any(store.counts().values())


def test_jobs_outlive_their_store(url, file):
    with open_store(url) as store:
        job = submit(store, file)
    with open_store(url) as store:
        assert store.get(job.id, "ann") == job
        assert store.claim("worker", 60).media.exists()
