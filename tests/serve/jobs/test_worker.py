"""A worker with a real store; the sandbox is real where files are judged, and a script where time is what counts."""

from __future__ import annotations

import threading
import time

import pytest

from catchlight.detector.errors import DecoderCrashed, LeaseLost, NotMedia, StoreError
from catchlight.serve.jobs.worker import Worker, WorkerConfig
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.scorer import Answer, Scorer

QUICK = WorkerConfig(lease=0.6, poll=0.02, grace=0.1, tell=0.0)


class Script:
    """A scorer that does as told, and calls ``watch`` as the real one does."""

    def __init__(self, act=lambda watch: None):
        self.act = act

    def start(self):
        return self

    def score(self, path, *, name, options, seconds, picture, watch, partial):
        partial({"verdict": "undecided"})
        self.act(watch)
        return Answer({"verdict": "real"}, None, "<html></html>")


def endless(watch):
    while True:
        time.sleep(0.02)
        watch(None)


def submit(store, file, **options):
    return store.submit(file, options=options, owner="ann", name="holiday.jpg")


@pytest.mark.slow
@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_real_files_are_judged_and_damaged_ones_fail_with_a_problem(store, media_folder, file, monkeypatch):
    looks = []
    beat = store.heartbeat

    def noting(claim, lease, progress=None, partial=None):
        looks.extend([partial] if partial else [])
        return beat(claim, lease, progress, partial)

    monkeypatch.setattr(store, "heartbeat", noting)
    photograph, clip = media_folder / "real/plain.jpg", media_folder / "real/walk.mp4"
    jobs = [
        submit(store, photograph, page=True),
        submit(store, clip, sampling={"policy": "even", "count": 16}),
        submit(store, file),
        submit(store, photograph, sampling={"counts": 3}),
    ]
    with Scorer(SandboxConfig(folders=(store.folder,))) as scorer:
        worker = Worker(store, scorer)
        assert [worker.work() for _ in range(5)] == [True] * 4 + [False]
    done, video, failed, wrong = (store.get(job.id, "ann") for job in jobs)
    assert done.state == video.state == "done"
    assert done.result["media"]["path"] == "holiday.jpg"
    assert "holiday.jpg" in store.page(done.id, "ann")
    assert (failed.state, failed.error["status"], failed.attempts) == ("failed", 415, 1)
    assert failed.error["detail"].startswith("holiday.jpg is neither")
    assert (wrong.state, wrong.error["code"]) == ("failed", "unknown_name")
    (look,) = looks  # at the clip, which has eight frames; a photograph needs none
    frames = [report["media"]["frames_sampled"] for report in (look, video.partial, video.result)]
    assert frames == [4, 4, 8]


def test_holds_its_job_for_longer_than_the_lease(store, file):
    job = submit(store, file)
    stolen = []

    def act(watch):
        for step in range(60):
            time.sleep(0.02)
            watch(step / 60)
            stolen.append(store.claim("thief", 60))

    Worker(store, Script(act), QUICK).work()
    assert not any(stolen)
    done = store.get(job.id, "ann")
    assert (done.state, done.attempts, done.partial) == ("done", 1, {"verdict": "undecided"})


def test_stops_when_the_job_is_cancelled(store, file):
    job = submit(store, file)
    threading.Timer(0.2, lambda: store.cancel(job.id, "ann")).start()
    begin = time.monotonic()
    assert Worker(store, Script(endless), QUICK).work()
    assert time.monotonic() - begin < 3
    assert store.get(job.id, "ann").state == "cancelled"


def test_drops_a_job_that_was_taken_over(store, file, later):
    job = submit(store, file)

    def act(watch):
        later(1)
        other = store.claim("other", 60)
        store.finish(other, {"verdict": "fake"})

    assert Worker(store, Script(act), QUICK).work()
    assert store.get(job.id, "ann").result == {"verdict": "fake"}


def test_gives_back_what_takes_longer_than_the_grace(store, file):
    job = submit(store, file)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    Worker(store, Script(endless), QUICK).run(stop)
    again = store.get(job.id, "ann")
    assert (again.state, again.attempts) == ("queued", 0)


def test_ends_a_job_within_the_grace(store, file):
    job = submit(store, file)
    stop = threading.Event()

    def act(watch):
        stop.set()
        watch(None)

    Worker(store, Script(act), QUICK).run(stop)
    assert store.get(job.id, "ann").state == "done"


def test_a_crash_is_tried_again_and_fails_in_the_end(store, file, later):
    job = submit(store, file)

    def act(watch):
        raise DecoderCrashed("holiday.jpg ended the process")

    worker = Worker(store, Script(act), QUICK)
    for _ in range(3):
        assert worker.work()
        later(10)
    assert not worker.work()
    failed = store.get(job.id, "ann")
    assert (failed.state, failed.attempts, failed.error["code"]) == ("failed", 3, "decoder_crashed")


def test_a_store_that_is_away_for_a_while_loses_nothing(store, file, monkeypatch):
    job = submit(store, file)
    finish, fails = store.finish, iter([StoreError("away"), StoreError("away"), None])

    def flaky(*arguments):
        if (error := next(fails)) is not None:
            raise error
        return finish(*arguments)

    def away(*arguments):
        raise StoreError("away")

    def act(watch):
        monkeypatch.setattr(store, "heartbeat", away)
        watch(0.5)

    monkeypatch.setattr(store, "finish", flaky)
    Worker(store, Script(act), QUICK).work()
    assert store.get(job.id, "ann").state == "done"


def test_a_store_that_is_away_for_longer_than_the_lease_ends_the_work(store, file, monkeypatch):
    submit(store, file)
    given_up = []

    def away(*arguments):
        raise StoreError("away")

    def act(watch):
        monkeypatch.setattr(store, "heartbeat", away)
        try:
            endless(watch)
        except LeaseLost:
            given_up.append(True)
            raise

    assert Worker(store, Script(act), QUICK).work()
    assert given_up


def test_a_machine_without_the_shared_folder_leaves_the_job_to_others(store, file):
    job = submit(store, file)
    place = store.folder / f"{job.id}.media"
    place.unlink()
    worker = Worker(store, Script(), QUICK)
    assert worker.work()
    again = store.get(job.id, "ann")
    assert (again.state, again.attempts) == ("queued", 1)


def test_what_the_file_is_to_blame_for_is_not_tried_again(store, file):
    job = submit(store, file)

    def act(watch):
        raise NotMedia("holiday.jpg is neither")

    worker = Worker(store, Script(act), QUICK)
    assert [worker.work(), worker.work()] == [True, False]
    assert store.get(job.id, "ann").attempts == 1


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_idle_worker_has_no_sandbox_and_gets_one_when_there_is_work(store, file):
    with Scorer(SandboxConfig(folders=(store.folder,))) as scorer:
        worker = Worker(store, scorer, WorkerConfig(idle=0.0))
        assert not worker.work()
        assert not scorer.alive
        job = submit(store, file)
        assert worker.work()
        assert scorer.alive
        assert store.get(job.id, "ann").state.final
        assert not worker.work()
        assert not scorer.alive
