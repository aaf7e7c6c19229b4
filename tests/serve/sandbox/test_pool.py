from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from catchlight.detector.errors import BundleError, DecoderCrashed, Overloaded
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.pool import Pool


def until(holds, seconds=60.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def pool(misbehaving, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(misbehaving), prepend=os.pathsep)
    with Pool(1, SandboxConfig(detectors=("misbehaving:fine",), max_files=3)) as pool:
        yield pool


@pytest.mark.slow
def test_one_child_serves_many_threads_is_replaced_when_worn_or_dead_and_refuses_when_busy(pool, photograph):
    first = pool._ready.queue[0].pid
    with ThreadPoolExecutor(4) as threads:
        names = [f"{number}.jpg" for number in range(8)]
        answers = list(threads.map(lambda name: pool.score(photograph, name=name), names))
    assert [answer.report["media"]["path"] for answer in answers] == names

    until(
        lambda: not pool._fresh.empty()
    )  # three files were its share, and eight are done: a successor comes
    pool.score(photograph)
    second = pool._ready.queue[0].pid
    assert second != first
    until(lambda: not _runs(first))

    with pytest.raises(DecoderCrashed):
        pool.score(photograph, options={"detector": "misbehaving:crash"})
    assert pool.replaced == 1
    assert pool.score(photograph).report["faces"]

    busy = threading.Thread(target=_hang, args=(pool, photograph))
    busy.start()
    until(lambda: pool.idle == 0)
    begin = time.monotonic()
    with pytest.raises(Overloaded) as refused:
        pool.score(photograph, wait=0.05)
    assert time.monotonic() - begin < 1
    assert refused.value.retry_after > 0
    busy.join()


def _hang(pool, photograph):
    with pytest.raises(Exception, match="took over 2 s"):
        pool.score(photograph, options={"detector": "misbehaving:hang"}, seconds=2)


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_closed_pool_refuses():
    pool = Pool()
    pool.close()
    with pytest.raises(Overloaded, match="stopping"):
        pool.score("a.jpg")


def test_what_can_not_be_loaded_is_told_at_the_start():
    with pytest.raises(BundleError):
        Pool(1, SandboxConfig(detectors=("meso",))).start()
