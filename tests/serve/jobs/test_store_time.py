"""Media go, results expire, and what a crash left is swept up."""

from __future__ import annotations

import os

import pytest

from catchlight.detector.errors import JobNotFound

REPORT = {"verdict": "real", "p_fake": 0.1}
HOOK = "https://example.org/hook"


def test_media_go_at_once_or_when_their_time_is_over(submit, store, file, later):
    now, kept = submit(file), submit(file, retain=50)
    for _ in range(2):
        store.finish(store.claim("worker", 60), REPORT)
    store.sweep()
    names = {path.name for path in store.folder.glob("*.media")}
    assert names == {f"{kept.id}.media"}
    later(51)
    store.sweep()
    assert not list(store.folder.glob("*.media"))
    assert store.get(kept.id, "ann").result == store.get(now.id, "ann").result == REPORT


def test_results_expire_are_remembered_as_expired_and_then_forgotten(submit, store, file, later):
    job = submit(file)
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


def test_media_retained_longer_than_results_are_kept_with_them(submit, store, file, later):
    job = submit(file, retain=500)
    store.finish(store.claim("worker", 60), REPORT)
    later(400)
    store.sweep()
    assert store.get(job.id, "ann").result == REPORT


def test_a_job_that_nobody_takes_expires_and_one_that_runs_does_not(submit, store, file, later):
    waiting, running = submit(file, webhook=HOOK), submit(file)
    later(990)
    claims = [store.claim("worker", 60), store.claim("worker", 60)]
    store.release(claims[0])
    later(20)
    store.sweep()
    assert store.get(waiting.id, "ann").state == "expired"
    assert store.next_delivery(10).job.id == waiting.id
    assert store.finish(claims[1], REPORT).id == running.id


def test_what_a_crash_left_in_the_folder_is_swept_up(submit, store, file):
    job = submit(file)
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
