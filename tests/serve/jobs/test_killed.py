"""kill -9, for real: workers, the process that submits, and the Redis server die in the middle of their work.

What is shown: every job that was submitted is done, exactly once, whoever died when. The judging is a short sleep
here, so that many jobs meet many kills in seconds; a worker that really judges is killed in
tests/serve/cli/test_worker.py.
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from catchlight.serve.jobs import folder
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.types import JobState

JOBS, WORKERS, KILLS = 80, 4, 24
RULES = "attempts=1000"

WORKER = """
import sys, threading, time
from pathlib import Path
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.worker import Worker, WorkerConfig
from catchlight.serve.sandbox.scorer import Answer

class Slow:
    def start(self):
        return self

    def score(self, path, *, name, options, seconds, picture, watch, partial):
        content = path.read_text()
        for step in range(5):
            time.sleep(0.02)
            watch(step / 5)
        return Answer({"content": content, "by": worker.name}, None)

class Noting:
    '''Notes who begins, and each job whose end the store has accepted.'''
    def __init__(self, store):
        self.store = store
    def __getattr__(self, name):
        return getattr(self.store, name)
    def claim(self, name, lease):
        claim = self.store.claim(name, lease)
        if claim:
            self.note("begun " + name)
        return claim
    def finish(self, claim, result, page=None):
        job = self.store.finish(claim, result, page)
        self.note("ended " + job.id)
        return job
    def note(self, text):
        with open(sys.argv[2], "a") as notes:
            notes.write(text + "\\n")

store = Noting(open_store(sys.argv[1]))
worker = Worker(store, Slow(), WorkerConfig(lease=0.5, poll=0.02, sweep=0.3, tell=0.0), sys.argv[3])
worker.run(threading.Event())
"""

SUBMITTER = """
import sys
from pathlib import Path
from catchlight.serve.jobs.open import open_store

store = open_store(sys.argv[1])
for number in range(int(sys.argv[3])):
    file = Path(sys.argv[2], f"{number}.jpg")
    store.submit(file, options={}, owner="ann", idempotency_key=f"request {number}")
"""


class Crew:
    """Processes that are started again whenever they are killed."""

    def __init__(self, commands):
        self.commands = commands
        self.processes = {name: self._start(name) for name in commands}

    def _start(self, name):
        return subprocess.Popen([sys.executable, "-c", *self.commands[name]])

    def kill(self, name):
        """Kill it in the middle of its work; True unless it had ended already."""
        process = self.processes[name]
        process.kill()
        killed = process.wait() == -signal.SIGKILL
        self.processes[name] = self._start(name)
        return killed

    def end(self):
        for process in self.processes.values():
            process.kill()
            process.wait()


def busy(notes):
    """Who began a job last."""
    return (re.findall("begun (.*)", notes.read_text()) or ["worker 0"])[-1]


@pytest.mark.slow
def test_every_job_is_done_exactly_once_whoever_is_killed(request, url, tmp_path, monkeypatch):
    url += f"{'&' if '?' in url else '?'}{RULES}"
    server = request.getfixturevalue("redis_server") if url.startswith("unix") else None
    notes = tmp_path / "notes"
    notes.touch()
    for number in range(JOBS):
        (tmp_path / f"{number}.jpg").write_text(f"content {number}")
    commands = {f"worker {n}": (WORKER, url, str(notes), f"worker {n}") for n in range(WORKERS)}
    commands["submitter"] = (SUBMITTER, url, str(tmp_path), str(JOBS))
    rng, crew, kills = random.Random(19), Crew(commands), 0
    try:
        with open_store(url) as store:
            begin = time.monotonic()
            while store.counts()[JobState.done] < JOBS:
                assert time.monotonic() - begin < 120, store.counts()
                time.sleep(rng.uniform(0.05, 0.25))
                if kills < KILLS:
                    kills += crew.kill(busy(notes) if rng.random() < 0.6 else rng.choice(list(commands)))
                    if server and kills == KILLS // 2:
                        server.kill()
                        time.sleep(0.2)
                        server.start()
                elif crew.processes["submitter"].poll() is not None:
                    crew.processes["submitter"] = crew._start(
                        "submitter"
                    )  # until all requests have come through
            assert kills >= KILLS // 2

            jobs = store.list("ann", 10 * JOBS)
            assert Counter(job.state for job in jobs) == {JobState.done: JOBS}
            assert sorted(job.result["content"] for job in jobs) == sorted(
                f"content {n}" for n in range(JOBS)
            )
            times_finished = Counter(re.findall("ended (.*)", notes.read_text()))
            assert set(times_finished.values()) == {1}
            # One whose worker was killed between the end and its note is missing there.
            assert set(times_finished) <= {job.id for job in jobs}
            assert len(times_finished) >= JOBS - kills
            assert sum(job.attempts for job in jobs) > JOBS  # some were begun again
            # What was copied for a submission that died before its job was there belongs to nobody;
            # a submitter that still runs, repeating its requests, is in the middle of a copy of its own.
            crew.end()
            monkeypatch.setattr(folder, "STRAY", -1.0)
            store.sweep()
            assert not list(store.folder.iterdir())
    finally:
        crew.end()
        if server and not server.answers():
            server.start()
