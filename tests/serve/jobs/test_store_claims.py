"""What becomes of a job when its worker dies, slows down or stops."""

from __future__ import annotations

import pytest

from catchlight.detector.errors import LeaseLost

PROBLEM = {"code": "not_media"}
HOOK = "https://example.org/hook"


def test_a_dead_workers_job_is_taken_over_and_its_late_word_does_not_count(submit, store, file, later):
    job = submit(file)
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


def test_a_job_that_ends_every_worker_fails_with_a_reason(submit, store, file, later):
    job = submit(file, webhook=HOOK)
    for attempt in (1, 2, 3):
        assert store.claim(f"worker {attempt}", 10).job.attempts == attempt
        later(11)
    assert store.claim("worker 4", 10) is None
    failed = store.get(job.id, "ann")
    assert (failed.state, failed.attempts, failed.error["code"]) == ("failed", 3, "attempts_exhausted")
    assert "3 workers" in failed.error["detail"]
    assert store.next_delivery(10).job == failed


def test_what_may_pass_is_tried_again_later(submit, store, file, later):
    job = submit(file)
    for attempt, wait in ((1, 2), (2, 4)):
        again = store.fail(store.claim("worker", 60), PROBLEM, retry=True)
        assert (again.state, again.attempts) == ("queued", attempt)
        assert store.claim("worker", 60) is None
        later(wait)
    failed = store.fail(store.claim("worker", 60), PROBLEM, retry=True)
    assert (failed.state, failed.error) == ("failed", PROBLEM)
    assert store.get(job.id, "ann") == failed


def test_a_job_given_back_has_lost_no_attempt(submit, store, file):
    submit(file)
    for _ in range(5):
        assert store.release(store.claim("worker", 60)).state == "queued"
    assert store.claim("worker", 60).job.attempts == 1
