"""Reports survive the way through JSON, and damaged ones are refused with a reason."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from catchlight.detector.errors import DataError
from catchlight.detector.report import from_dict, from_json, to_dict, to_json
from catchlight.detector.types import (
    Box,
    Cue,
    FaceReport,
    FrameScore,
    MediaReport,
    ModelReport,
    Report,
)

CUES = {
    "blink": Cue("ok", 12.5, "1/min", (8.0, 33.0), 0.9),
    "catchlight": Cue("not_applicable", reason="eye smaller than 12 px"),
}
FRAMES = (
    FrameScore(0.1 + 0.2, 9, Box(-3.5, 20.25, 110.0, 140.0), 0.95, 0.8),
    FrameScore(1.0, 30, Box(1.0, 2.0, 3.0, 4.0), 1 / 3, 0.7),
)
FACE = FaceReport(0, 0.93, (0.86, 0.97), "fake", ("seam along the jaw",), FRAMES, CUES)
REPORT = Report(
    id="5f0c",
    verdict="fake",
    p_fake=0.93,
    interval=(0.86, 0.97),
    reasons=("seam along the jaw",),
    media=MediaReport("video", "clips/ä \udcff.mp4", "ab" * 32, 1280, 720, 10.0, 32, 30, 0.9375),
    faces=(FACE,),
    warnings=("heavy compression",),
    model=ModelReport("mobilenet", "0.1.0", "cd" * 32, "c1", 0.03),
    timings_ms={"decode": 1.25, "total": 99.5},
)
FACELESS = replace(REPORT, verdict="undecided", p_fake=None, interval=None, reasons=("no_face",), faces=())


@pytest.mark.parametrize("report", [REPORT, FACELESS], ids=["video", "faceless"])
def test_a_report_comes_back_equal(report: Report) -> None:
    assert from_json(to_json(report)) == report
    assert from_dict(to_dict(report)) == report


def test_the_json_is_one_line_of_ascii() -> None:
    text = to_json(REPORT)
    assert text.isascii()
    assert "\n" not in text


def test_the_schema_is_the_documented_one() -> None:
    data = json.loads(to_json(REPORT))
    assert list(data) == [
        "schema", "id", "verdict", "p_fake", "interval", "reasons", "media", "faces", "warnings", "model",
        "timings_ms",
    ]  # fmt: skip
    assert data["schema"] == 1
    assert data["model"]["calibration"] == {"id": "c1", "ece": 0.03}
    assert data["faces"][0]["frames"][0]["box"] == [-3.5, 20.25, 110.0, 140.0]
    assert data["faces"][0]["cues"] == {
        "blink": {"status": "ok", "value": 12.5, "unit": "1/min", "normal": [8.0, 33.0], "quality": 0.9},
        "catchlight": {"status": "not_applicable", "reason": "eye smaller than 12 px"},
    }


def test_nothing_measured_is_null_and_never_a_number() -> None:
    data = to_dict(FACELESS)
    assert (data["p_fake"], data["interval"], data["faces"]) == (None, None, [])


def test_a_number_that_is_not_finite_is_refused() -> None:
    with pytest.raises(DataError, match=r"not finite.*expected None"):
        to_json(replace(REPORT, p_fake=float("nan")))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON|is none"),
        ("[]", "without a schema"),
        ('{"schema": 2}', "schema 1, received schema 2"),
        ('{"schema": 1}', "lacks the field 'id'"),
    ],
)
def test_what_is_no_report_is_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(DataError, match=says):
        from_json(text)


@pytest.mark.parametrize("field", ["verdict", "media", "faces", "model", "timings_ms"])
def test_a_missing_field_is_named(field: str) -> None:
    data = to_dict(REPORT)
    del data[field]
    with pytest.raises(DataError, match=field):
        from_dict(data)


@pytest.mark.parametrize(("field", "value"), [("interval", [0.1]), ("media", {"size": 1}), ("faces", 3)])
def test_a_field_of_the_wrong_kind_is_refused(field: str, value: object) -> None:
    with pytest.raises(DataError, match="wrong kind"):
        from_dict({**to_dict(REPORT), field: value})


def test_an_unknown_verdict_is_refused_with_the_valid_ones() -> None:
    with pytest.raises(DataError, match=r"'sure'.*real, fake, undecided"):
        from_dict({**to_dict(REPORT), "verdict": "sure"})
