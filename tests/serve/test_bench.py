"""The bench's yardsticks are real work."""

from __future__ import annotations

import time

import pytest

from catchlight.serve import bench


def test_decoding_once_meets_every_frame(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "CLIP_SECONDS", 1)
    assert bench.decode_once(bench._clip(tmp_path / "clip.mp4")) == bench.RATE


def test_paired_medians_tell_long_work_from_short():
    long, short = bench.paired(lambda: time.sleep(0.01), lambda: time.sleep(0.001))
    assert long == pytest.approx(0.01, rel=0.8)
    assert long > 2 * short


def test_failing_command_is_told():
    with pytest.raises(bench.CatchlightError, match="failed with 3"):
        bench._child([bench.sys.executable, "-c", "raise SystemExit(3)"])
