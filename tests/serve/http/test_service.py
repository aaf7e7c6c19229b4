"""What the sandbox is told of a request."""

from __future__ import annotations

import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.questions import Options
from catchlight.serve.http.service import wishes
from catchlight.serve.judging import wishes as read
from catchlight.serve.sandbox import options as sandbox

CONFIG = ServerConfig(detectors=("meso",), max_pixels=1000)


def test_the_sandbox_understands_all_of_it() -> None:
    told = wishes(
        Options(start=1, heatmap=True, cues=False, thresholds="custom", fake_above=0.9, detector="meso"),
        CONFIG,
        page=True,
    )
    sandbox.check(told)
    wished = read(told)
    assert (wished.region, wished.thresholds, wished.heatmap, wished.cues) == (
        (1.0, None),
        (0.9, None),
        True,
        False,
    )
    assert wished.longest == CONFIG.sync_seconds
    assert sandbox.config(told).detector == "meso"
    assert sandbox.config(told).limits.max_pixels == 1000


def test_a_job_may_be_long() -> None:
    assert "longest" not in wishes(Options(), CONFIG, now=False)


@pytest.mark.parametrize("wrong", [{"start": 3, "end": 3}, {"end": 0.0001, "start": 1}, {"real_below": 0.1}])
def test_options_that_contradict_each_other_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        wishes(Options(**wrong), CONFIG)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["xception", "os:system", "/etc", "mobilenet "])
def test_only_offered_detectors_are_ever_named_to_it(name: str) -> None:
    with pytest.raises(UnknownName, match="meso, mobilenet"):
        wishes(Options(detector=name), CONFIG)
