"""What may be asked."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from catchlight.serve.cli.detect import POLICIES
from catchlight.serve.http.questions import DetectHeader, DetectQuery, Options


def test_the_defaults_are_those_of_the_command() -> None:
    from catchlight.detector.media import Sampling

    options = Options()
    assert (options.sampling, options.frames) == (Sampling().policy, Sampling().count)
    assert {Options(sampling=policy).sampling for policy in POLICIES} == set(POLICIES)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"frames": 0},
        {"frames": 601},
        {"start": -1},
        {"start": float("inf")},
        {"thresholds": "custom", "real_below": 0.6},
        {"retention": "some"},
        {"retain": -1},
        {"unknown": 1},
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DetectQuery(**wrong)  # type: ignore[arg-type]


def test_keys_are_visible_ascii() -> None:
    assert DetectHeader(**{"Idempotency-Key": "a-1_~"}).idempotency_key == "a-1_~"
    for key in ("", " ", "a b", "š", "x" * 256):
        with pytest.raises(ValidationError):
            DetectHeader(**{"Idempotency-Key": key})
