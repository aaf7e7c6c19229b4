"""The contract of a store of jobs, the same for SQLite and for a real Redis."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from catchlight.detector.errors import ConfigError, JobNotFound, MediaNotFound
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.types import JobState

REPORT = {"verdict": "real", "p_fake": 0.1}


def test_a_job_from_submission_to_its_report(submit, store, file):
    job = submit(file, name="beach.jpg", retain=5)
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


def test_jobs_are_claimed_in_the_order_of_their_submission(submit, store, file):
    jobs = [submit(file).id for _ in range(5)]
    assert [store.claim("worker", 60).job.id for _ in jobs] == jobs
    assert [job.id for job in store.list("ann")] == jobs[::-1]
    assert len(store.list("ann", limit=2)) == 2


def test_the_secret_of_webhooks_lies_where_no_sandbox_reads(store):
    store.webhook_secret("ann")
    assert not list(store.folder.rglob("*"))
    assert [path.name for path in store.folder.parent.iterdir() if path.is_file()] == ["webhook.secret"]


def test_owners_see_only_what_is_theirs(submit, store, file):
    job = submit(file)
    for act in (store.get, store.cancel, store.delete, store.page):
        with pytest.raises(JobNotFound):
            act(job.id, "bob")
    assert store.list("bob") == ()
    assert store.webhook_secret("ann") != store.webhook_secret("bob")
    assert store.webhook_secret("ann") == store.webhook_secret("ann")


def test_one_claim_at_a_time(submit, url, file):
    ids = {submit(file).id for _ in range(40)}

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


def test_wrong_submissions_leave_nothing(submit, store, file, tmp_path):
    with pytest.raises(MediaNotFound, match="absent"):
        submit(tmp_path / "absent.jpg")
    with pytest.raises(ConfigError, match="https://host"):
        submit(file, webhook="ftp://example.org")
    with pytest.raises(ConfigError, match="retain"):
        submit(file, retain=-1)
    with pytest.raises(ConfigError, match="JSON"):
        store.submit(file, options={"rate": float("nan")}, owner="ann")
    assert not list(store.folder.iterdir())
    assert not any(store.counts().values())


def test_jobs_outlive_their_store(submit, url, file):
    with open_store(url) as store:
        job = submit(file, to=store)
    with open_store(url) as store:
        assert store.get(job.id, "ann") == job
        assert store.claim("worker", 60).media.exists()
