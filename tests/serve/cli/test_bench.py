"""``catchlight bench`` from end to end."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from catchlight.serve import bench
from catchlight.serve.cli.main import main


@pytest.mark.slow
def test_bench_prints_every_goal(monkeypatch):
    monkeypatch.setattr(bench, "REPEATS", 1)
    monkeypatch.setattr(bench, "CLIP_SECONDS", 1)
    result = CliRunner().invoke(main, ["bench"])
    assert result.exit_code == 0, result.output
    for what in ("photograph 640x480", "verdict / decoding once", "peak memory", "self-blends at 256 px"):
        assert what in result.output
