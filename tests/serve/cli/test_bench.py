"""``catchlight bench`` from end to end."""

from __future__ import annotations

from functools import partial

import pytest
from click.testing import CliRunner

from catchlight.generator import bench as forging
from catchlight.serve import bench
from catchlight.serve.cli.main import main


@pytest.mark.slow
def test_bench_prints_every_goal(monkeypatch):
    monkeypatch.setattr(bench, "REPEATS", 1)
    monkeypatch.setattr(bench, "CLIP_SECONDS", 1)
    monkeypatch.setattr(bench, "SIZES", {"360p": (640, 360)})
    monkeypatch.setattr(forging, "self_blend_rate", partial(forging.self_blend_rate, seconds=0.2))
    monkeypatch.setattr(forging, "recipe_rate", partial(forging.recipe_rate, samples=64))
    result = CliRunner().invoke(main, ["bench"])
    assert result.exit_code == 0, result.output
    goals = (
        "photograph 640x480",
        "verdict / decoding once",
        "all cues / decoding once, 360p",
        "peak memory",
        "self-blends at 256 px",
        "recipe, self-blends",
    )
    assert [what for what in goals if what not in result.output] == []
