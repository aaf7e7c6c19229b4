"""The line before the engine: short, in order, bounded in time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from catchlight.detector.errors import NotMedia, Overloaded
from catchlight.serve.http.engine import Engine
from catchlight.serve.http.metrics import Metrics
from catchlight.serve.sandbox.scorer import Answer

SOON = 5.0  # s until a test gives up


class Gate:
    """A scorer that takes as long as the test says, and notes the order of files."""

    def __init__(self) -> None:
        self.open, self.began, self.order = threading.Event(), threading.Semaphore(0), []

    def start(self) -> None:
        """Nothing to warm."""

    def score(
        self,
        path: Path,
        *,
        name: str | None = None,
        options: Mapping[str, object] | None = None,
        seconds: float | None = None,
        picture: float | None = None,
        wait: float | None = None,
    ) -> Answer:
        self.order.append(name)
        self.began.release()
        assert self.open.wait(SOON)
        if name == "bad":
            raise NotMedia("bad is neither")
        return Answer({"name": name}, None)  # type: ignore[arg-type]  # nobody looks at it

    def close(self) -> None:
        """Nothing to end."""


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def engine(gate: Gate, waiting: int = 1, deadline: float = SOON) -> Engine:
    made = Engine(gate, waiting, deadline, deadline, Metrics())
    made.start()
    return made


def ask(threads: ThreadPoolExecutor, to: Engine, name: str, patient: bool = False) -> Future[Answer]:
    return threads.submit(to.judge, Path("x"), {}, name=name, patient=patient)


def until(true: threading.Semaphore) -> None:
    assert true.acquire(timeout=SOON)


def wait_for_line(to: Engine, length: int) -> None:
    limit = time.monotonic() + SOON
    while len(to._line) != length:
        assert time.monotonic() < limit
        time.sleep(0.001)


def test_one_runs_one_waits_and_the_third_is_refused_at_once(gate: Gate, threads: ThreadPoolExecutor) -> None:
    busy = engine(gate)
    first = ask(threads, busy, "first")
    until(gate.began)
    second = ask(threads, busy, "second")
    wait_for_line(busy, 1)
    began = time.thread_time()  # of the processor, which others may have
    with pytest.raises(Overloaded) as refusal:
        busy.judge(Path("x"), {}, name="third")
    assert time.thread_time() - began < 0.02
    assert refusal.value.retry_after > 0
    with pytest.raises(Overloaded):
        busy.demand_room()
    gate.open.set()
    assert [first.result(SOON).report["name"], second.result(SOON).report["name"]] == ["first", "second"]
    busy.demand_room()


def test_while_requests_are_refused_the_line_opens_only_when_the_file_before_is_nearly_done(
    gate: Gate, threads: ThreadPoolExecutor
) -> None:
    busy = engine(gate)
    busy._usual = 60.0  # so that the first one is never nearly done
    asked = [ask(threads, busy, "first")]
    until(gate.began)
    asked.append(ask(threads, busy, "second"))
    wait_for_line(busy, 1)
    with pytest.raises(Overloaded):
        busy.judge(Path("x"), {}, name="third")
    gate.open.set()
    for future in asked:
        future.result(SOON)
    until(gate.began)
    gate.open.clear()
    asked = [ask(threads, busy, "fourth")]
    until(gate.began)
    with pytest.raises(Overloaded):  # there is a place, but not for the time that it would be held
        busy.demand_room()
    busy._usual = 1e-9
    busy.demand_room()
    gate.open.set()
    asked[0].result(SOON)


def test_turns_come_in_order(gate: Gate, threads: ThreadPoolExecutor) -> None:
    busy = engine(gate, waiting=5)
    asked = [ask(threads, busy, "0")]
    until(gate.began)
    for number in range(1, 6):
        asked.append(ask(threads, busy, str(number)))
        wait_for_line(busy, number)
    gate.open.set()
    for future in asked:
        future.result(SOON)
    assert gate.order == list("012345")


def test_an_error_lets_the_next_one_in(gate: Gate, threads: ThreadPoolExecutor) -> None:
    busy = engine(gate)
    bad = ask(threads, busy, "bad")
    until(gate.began)
    good = ask(threads, busy, "good")
    wait_for_line(busy, 1)
    gate.open.set()
    with pytest.raises(NotMedia):
        bad.result(SOON)
    assert good.result(SOON).report["name"] == "good"


def test_who_waits_too_long_leaves_the_line(gate: Gate, threads: ThreadPoolExecutor) -> None:
    busy = engine(gate, deadline=0.1)
    first = ask(threads, busy, "first")
    until(gate.began)
    with pytest.raises(Overloaded, match="in time"):
        busy.judge(Path("x"), {}, name="late")
    busy.demand_room()
    gate.open.set()
    first.result(SOON)
    assert gate.order == ["first"]


def test_the_patient_wait_for_room(gate: Gate, threads: ThreadPoolExecutor) -> None:
    busy = engine(gate)
    asked = [ask(threads, busy, "first")]
    until(gate.began)
    asked += [ask(threads, busy, str(number), patient=True) for number in range(4)]
    gate.open.set()
    assert len([future.result(SOON) for future in asked]) == 5


def test_a_stopping_engine_takes_nothing(gate: Gate) -> None:
    stopped = engine(gate)
    stopped.close()
    with pytest.raises(Overloaded):
        stopped.judge(Path("x"), {}, name="late")
