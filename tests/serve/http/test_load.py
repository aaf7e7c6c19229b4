"""The bench of the service from end to end, small."""

from __future__ import annotations

import os
import subprocess

import pytest

from catchlight.serve.http import load


@pytest.mark.slow
def test_everything_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "IDLE", 0.5)
    monkeypatch.setattr(load, "WARM_UP", 1)
    lines = {line.what: line for line in load.measure(load.LoadConfig(requests=3, seconds=1.0, many=3))}
    assert lines["throughput / bare pipeline's"].value > 0
    assert lines["overload, neither"].value == 0
    assert {line.goal for line in lines.values() if line.goal} == {"2", "40", "80", "0.9", "20", "0", "250"}


def test_memory_counts_a_process_and_its_children() -> None:
    alone = load.memory(os.getpid())
    with subprocess.Popen(["sleep", "60"]) as child:
        assert load.memory(os.getpid()) > 0
        assert alone > load.memory(child.pid) > 0
        child.kill()


def test_percentiles_lie_between_the_values() -> None:
    assert load.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert load.percentile([1.0, 2.0], 0.95) == pytest.approx(1.95)
