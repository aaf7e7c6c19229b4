"""Stages add up, and only the time that belongs to them counts."""

from __future__ import annotations

import time

import pytest

from catchlight.detector.timing import Stopwatch


def test_stages_add_up_even_when_they_fail():
    watch = Stopwatch()
    for _ in range(3):
        with watch("sleep"):
            time.sleep(0.01)
    with pytest.raises(ZeroDivisionError), watch("fail"):
        1 / 0  # noqa: B018
    spent = watch.milliseconds()
    assert spent["sleep"] >= 30
    assert list(spent) == ["sleep", "fail"]


def test_only_getting_an_item_counts_and_not_using_it():
    def slow():
        for number in range(3):
            time.sleep(0.01)
            yield number

    watch, got = Stopwatch(), []
    for number in watch.each("get", slow()):
        got.append(number)
        time.sleep(0.1)
    assert got == [0, 1, 2]
    assert 30 <= watch.milliseconds()["get"] < 250
