"""Two pieces of work at once: both are done, at the same time, and neither's error is lost."""

import threading

import pytest

from catchlight.detector.meanwhile import meanwhile


def test_both_run_at_the_same_time():
    met = threading.Barrier(2, timeout=10)  # passes only if both are there at once
    with meanwhile(met.wait) as other:
        met.wait()
    assert other.result() in (0, 1)


def test_an_error_of_the_other_comes_with_its_result():
    def fail():
        raise KeyError("lost")

    with meanwhile(fail) as other:
        done = True
    assert done
    with pytest.raises(KeyError, match="lost"):
        other.result()


def test_an_error_here_waits_for_the_other_and_comes_through():
    go, done = threading.Event(), threading.Event()

    def slow():
        go.wait(10)
        done.set()

    def fail():
        go.set()
        raise ValueError("here")

    with pytest.raises(ValueError, match="here"), meanwhile(slow):
        fail()
    assert done.is_set()
