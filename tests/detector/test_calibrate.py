"""Verdicts: when they fall, when they are withheld, and what can't move them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.calibrate import Calibration, Judgement, KindCalibration, fit, judge
from catchlight.detector.errors import ConfigError, DataError, UnknownName
from catchlight.detector.types import Scores

SURE = KindCalibration(
    slope=1.0,
    intercept=0.0,
    replicas=((0.9, -0.1), (1.1, 0.1)),
    frame_spread=0.5,
    frame_error=0.15,
    real_below=0.3,
    fake_above=0.9,
    ece=0.02,
    real_people=200,
    fake_people=200,
    pooled=False,
)
RANK = {"real": 0, "undecided": 1, "fake": 2}


def with_video(**changes: object) -> Calibration:
    return Calibration(SURE, replace(SURE, **changes))  # type: ignore[arg-type]


def judged(p_fake: float, **changes: object) -> Judgement:
    return judge(np.full(32, p_fake), "video", with_video(**changes))


@pytest.mark.parametrize(
    ("p_fake", "verdict"),
    [
        (0.05, "real"),
        (0.29, "real"),
        (0.31, "undecided"),
        (0.5, "undecided"),
        (0.89, "undecided"),
        (0.91, "fake"),
    ],
)
def test_thresholds_decide(p_fake: float, verdict: str) -> None:
    found = judged(p_fake)
    assert found.verdict == verdict
    assert found.p_fake == pytest.approx(p_fake)
    assert found.interval[0] < found.p_fake < found.interval[1]


def test_a_threshold_itself_is_on_the_safe_side() -> None:
    exactly = judged(0.91).p_fake
    assert judged(0.91, fake_above=exactly).verdict == "undecided"
    exactly = judged(0.29).p_fake
    assert judged(0.29, real_below=exactly).verdict == "undecided"


def test_an_interval_across_a_half_withholds_the_verdict() -> None:
    doubtful = {"replicas": ((1.0, -4.0), (1.0, 4.0))}
    for p_fake in (0.05, 0.95):
        assert judged(p_fake).verdict != "undecided"
        found = judged(p_fake, **doubtful)
        assert found.verdict == "undecided"
        assert found.interval[0] < 0.5 < found.interval[1]


def test_an_interval_is_as_lopsided_as_what_the_fit_could_have_been() -> None:
    """Steeper lines make a high probability higher; they are no reason to doubt it."""
    low, high = judged(0.9, replicas=((1.0, 0.0), (3.0, 0.0))).interval
    assert low == pytest.approx(0.9, abs=0.02)
    assert high > 0.98


def test_no_end_claims_more_than_the_people_seen_support() -> None:
    few = {"real_people": 18, "fake_people": 8}
    assert judged(1.0, **few).interval[0] == pytest.approx(1 - 1 / 20)
    assert judged(0.0, **few).interval[1] == pytest.approx(1 / 10)


def test_short_and_restless_tracks_have_wider_intervals_and_calm_ones_no_narrower() -> None:
    def width(scores: Scores) -> float:
        low, high = judge(scores, "video", with_video()).interval
        return high - low

    wild = np.array([0.2, 0.98] * 16)
    wild_summary = judge(wild, "video", with_video()).p_fake
    assert width(wild) > 1.2 * width(np.full(32, wild_summary))
    assert width(np.full(1, 0.7)) > 1.2 * width(np.full(32, 0.7))
    assert width(np.full(1000, 0.7)) == pytest.approx(width(np.full(32, 0.7)))


@pytest.mark.parametrize("level", [-3.0, 0.0, 3.0])
@pytest.mark.parametrize("outlier", [0.0, 1.0])
def test_one_outlier_never_turns_a_track_of_32(level: float, outlier: float) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        scores = 1 / (1 + np.exp(-rng.normal(level, 0.5, 32)))
        spoilt = scores.copy()
        spoilt[rng.integers(32)] = outlier
        before, after = (judge(each, "video", with_video()) for each in (scores, spoilt))
        assert after.verdict == before.verdict
        assert after.p_fake == pytest.approx(before.p_fake, abs=0.03)


def test_higher_scores_never_lower_p_nor_turn_fake_to_real() -> None:
    rng = np.random.default_rng(2)
    for _ in range(200):
        scores = rng.uniform(size=rng.integers(1, 33))
        higher = np.maximum(scores, rng.uniform(size=len(scores)))
        low, high = (judge(each, "video", with_video()) for each in (scores, higher))
        assert high.p_fake >= low.p_fake
        assert RANK[high.verdict] - RANK[low.verdict] > -2


def test_a_prior_follows_bayes_and_never_adds_false_alarms() -> None:
    scores = np.full(32, 0.8)
    rare, even, common = (judge(scores, "video", with_video(), prior=prior) for prior in (0.01, 0.5, 0.99))
    assert rare.p_fake == pytest.approx(0.8 * 0.01 / (0.8 * 0.01 + 0.2 * 0.99))
    assert even.p_fake == pytest.approx(0.8)
    assert even.verdict == "undecided"
    assert common.p_fake > 0.99
    assert common.verdict == "undecided"
    assert judge(np.full(32, 0.95), "video", with_video(), prior=0.01).verdict == "undecided"


def test_each_kind_has_its_own_line() -> None:
    shifted = with_video(intercept=2.0)
    scores = np.full(4, 0.5)
    assert judge(scores, "image", shifted).p_fake == pytest.approx(0.5)
    assert judge(scores, "video", shifted).p_fake == pytest.approx(1 / (1 + np.exp(-2.0)))


def test_what_cannot_be_judged_is_refused() -> None:
    with pytest.raises(DataError, match="one score or more"):
        judge(np.array([]), "video", with_video())
    with pytest.raises(DataError, match="received nan"):
        judge(np.array([0.1, np.nan]), "video", with_video())
    with pytest.raises(UnknownName, match="kind of medium 'audio'"):
        judge(np.array([0.1]), "audio", with_video())  # type: ignore[arg-type]
    for prior in (0.0, 1.0):
        with pytest.raises(ConfigError, match="prior must be between 0 and 1"):
            judge(np.array([0.1]), "video", with_video(), prior=prior)


def test_fit_refuses_shares_that_are_none() -> None:
    with pytest.raises(ConfigError, match="max_miss must be between 0 and 1, received 0"):
        fit([], seed=0, max_miss=0)


def test_judging_loads_no_scikit_learn() -> None:
    code = (
        "import sys, catchlight.detector.calibrate; sys.exit(bool({'sklearn', 'scipy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
