"""A calibration survives JSON unchanged, and a changed or impossible one is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from catchlight.detector.calibration import Calibration, KindCalibration, probability
from catchlight.detector.errors import BundleError, UnknownName

VIDEO = KindCalibration(
    slope=1.5,
    intercept=-0.25,
    replicas=((1.4, -0.2), (1.6, -0.3), (0.0, 0.0)),
    frame_spread=0.6,
    frame_error=0.2,
    real_below=0.3,
    fake_above=0.9,
    ece=0.03,
    real_people=150,
    fake_people=90,
    pooled=False,
)
CALIBRATION = Calibration(replace(VIDEO, ece=0.05, pooled=True), VIDEO)


def test_json_and_back_is_the_same() -> None:
    again = Calibration.from_dict(json.loads(json.dumps(CALIBRATION.to_dict())))
    assert again == CALIBRATION
    assert again.id == CALIBRATION.id == CALIBRATION.to_dict()["id"]


def test_the_id_follows_the_content() -> None:
    other = replace(CALIBRATION, video=replace(VIDEO, slope=1.5000001))
    assert other.id != CALIBRATION.id


def test_kinds_and_their_worst_error() -> None:
    assert CALIBRATION.of("image").pooled
    assert CALIBRATION.of("video") is VIDEO
    assert CALIBRATION.ece == 0.05
    with pytest.raises(UnknownName, match="image, video"):
        CALIBRATION.of("audio")  # type: ignore[arg-type]


def test_how_many_real_people_score_as_high() -> None:
    known = replace(VIDEO, real_odds=(-3.0, -1.0, 0.0, 1.0, 5.0))
    assert [known.real_share(odds) for odds in (-9, -3, -1, 0.5, 5, 9)] == [1.0, 1.0, 0.75, 0.375, 0.0, 0.0]
    assert VIDEO.real_share(0.0) is None


def test_one_of_an_older_version_keeps_its_id() -> None:
    assert "real_odds" not in CALIBRATION.to_dict()["kinds"]["video"]
    newer = replace(CALIBRATION, video=replace(VIDEO, real_odds=(-1.0, 1.0)))
    assert newer.id != CALIBRATION.id
    assert Calibration.from_dict(json.loads(json.dumps(newer.to_dict()))) == newer


@pytest.mark.parametrize("odds", [(1.0, 0.0), (0.0, float("nan"))])
def test_odds_of_real_people_that_are_no_quantiles_are_refused(odds: tuple[float, ...]) -> None:
    with pytest.raises(BundleError, match="real_odds must be finite and never fall"):
        replace(VIDEO, real_odds=odds)


def test_people_needed_for_the_promise() -> None:
    needed = {share: replace(CALIBRATION, max_false_alarm=share).people_needed for share in (0.01, 0.1, 0.03)}
    assert needed == {0.01: 99, 0.1: 9, 0.03: 33}


def changed(*keys: str, to: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(json.dumps(CALIBRATION.to_dict()))
    inner = data
    for key in keys[:-1]:
        inner = inner[key]
    if to is None:
        del inner[keys[-1]]
    else:
        inner[keys[-1]] = to
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "no calibration of schema 1"),
        (changed("schema", to=2), r"received \(2, 0.5, "),
        (changed("prior", to=0.1), r"received \(1, 0.1, "),
        (changed("kinds", "video", "slope", to=1.7), "was changed"),
        (changed("kinds", "video", to=None), "no field 'video'"),
        (changed("kinds", "image", "replicas", to=None), "no field 'replicas'"),
        (changed("kinds", "image", "slope", to="steep"), "steep"),
        (changed("max_miss", to=1.0), "max_miss of a calibration must be between 0 and 1"),
        (changed("kinds", "image", "slope", to=-1.0), "slope must be finite and above 0"),
        (changed("kinds", "image", "intercept", to=float("nan")), "intercept and replicas must be finite"),
        (changed("kinds", "image", "replicas", to=[]), "one or more pairs"),
        (changed("kinds", "image", "replicas", to=[[-1, 0]]), "slopes at least 0"),
        (changed("kinds", "image", "frame_spread", to=-1), "frame_spread must"),
        (changed("kinds", "image", "frame_error", to=-1), "frame_error must"),
        (changed("kinds", "image", "real_below", to=0.95), "0 <= real_below <= 0.5 <= fake_above <= 1"),
        (changed("kinds", "image", "ece", to=2), "ece must be from 0 to 1"),
        (changed("kinds", "image", "real_people", to=0), "must be at least 1"),
    ],
)
def test_a_bad_one_is_refused(data: Any, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        Calibration.from_dict(data)


def test_probability_of_log_odds() -> None:
    assert probability(0.0) == 0.5
    assert probability(1.0986122887) == pytest.approx(0.75)
    assert (probability(-2000.0), probability(2000.0)) == (0.0, 1.0)
