"""Work behind one's back: in order, all of it, and its errors come to light."""

from __future__ import annotations

import threading

import pytest

from catchlight.detector.cues.behind import Behind


def test_all_is_done_in_order_in_another_thread():
    done, threads = [], set()

    def work(item):
        done.append(item)
        threads.add(threading.current_thread())

    with Behind(work) as behind:
        for number in range(20):
            behind.put(number)
        behind.finish()
    assert done == list(range(20))
    assert threading.current_thread() not in threads
    assert len(threads) == 1


def test_an_error_is_raised_at_the_end_and_ends_the_work():
    done = []

    def work(item):
        if item == 3:
            raise ValueError("three")
        done.append(item)

    with Behind(work) as behind:
        for number in range(20):
            behind.put(number)
        with pytest.raises(ValueError, match="three"):
            behind.finish()
    assert done == [0, 1, 2]


def test_leaving_early_ends_the_thread():
    before = threading.active_count()
    with Behind(lambda item: None) as behind:
        behind.put(1)
    assert threading.active_count() == before
    behind.put(2)  # dropped, and nobody waits for it
