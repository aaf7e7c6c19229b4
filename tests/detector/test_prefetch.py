"""Items arrive in order while the next is made; errors and closing reach the other thread."""

from __future__ import annotations

import threading
import time

import pytest

from catchlight.detector.errors import CorruptMedia
from catchlight.detector.prefetch import prefetched


def test_items_come_in_order_from_another_thread():
    def numbers():
        for number in range(20):
            yield number, threading.get_ident()

    got = list(prefetched(numbers()))
    assert [number for number, _ in got] == list(range(20))
    assert threading.get_ident() not in {thread for _, thread in got}


def test_no_more_than_allowed_are_made_ahead():
    made = []

    def numbers():
        for number in range(20):
            made.append(number)
            yield number

    source = prefetched(numbers(), ahead=2)
    assert next(source) == 0
    time.sleep(0.2)
    assert len(made) <= 4  # one taken, two waiting, one in hand
    source.close()


def test_an_error_is_raised_at_its_place():
    def frames():
        yield 1
        raise CorruptMedia("cut off")

    source = prefetched(frames())
    assert next(source) == 1
    with pytest.raises(CorruptMedia, match="cut off"):
        next(source)


def test_closing_early_closes_the_source_and_ends_the_thread():
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield 0
        finally:
            closed.set()

    before = threading.active_count()
    source = prefetched(endless())
    next(source)
    source.close()
    assert closed.is_set()
    assert threading.active_count() == before
