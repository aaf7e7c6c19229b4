"""One bad crop moves a track's summary little; more evidence for fake never lowers it."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import DataError
from catchlight.detector.summary import frame_error, frame_spread, summarise
from catchlight.detector.types import Scores


def test_small_tracks() -> None:
    assert summarise(np.array([0.75])) == pytest.approx(np.log(3))
    assert summarise(np.array([0.5, 0.75])) == pytest.approx(np.log(3) / 2)
    assert summarise(np.array([0.0, 0.75, 1.0])) == pytest.approx(np.log(3))


def test_extremes_are_bounded() -> None:
    assert summarise(np.array([1.0])) == pytest.approx(np.log(511))
    assert summarise(np.zeros(5)) == pytest.approx(-np.log(511))


def test_one_outlier_of_32_moves_the_summary_less_than_the_crops_differ() -> None:
    scores = 1 / (1 + np.exp(-np.random.default_rng(0).normal(-2, 0.5, 32)))
    spoilt = scores.copy()
    spoilt[7] = 1.0
    assert 0 <= summarise(spoilt) - summarise(scores) < 0.1
    assert frame_spread(spoilt)[0] == pytest.approx(frame_spread(scores)[0], rel=0.25)


def test_a_higher_score_never_lowers_the_summary() -> None:
    rng = np.random.default_rng(1)
    for _ in range(300):
        scores = rng.uniform(size=rng.integers(1, 40))
        higher = scores.copy()
        higher[rng.integers(len(scores))] = 1.0
        assert summarise(higher) >= summarise(scores)


def test_spread_estimates_the_deviation_of_crops() -> None:
    logits = np.random.default_rng(2).normal(0, 0.8, 4000)
    assert frame_spread(1 / (1 + np.exp(-logits)))[0] == pytest.approx(0.8, rel=0.1)
    assert frame_spread(np.array([0.7])) == (0.0, 0)
    assert frame_spread(np.full(10, 0.7)) == (0.0, 7)


def test_error_of_correlated_frames_covers_what_really_varies() -> None:
    rng = np.random.default_rng(3)
    summaries, errors = [], []
    for _ in range(400):
        logits = np.zeros(24)
        for i in range(1, 24):
            logits[i] = 0.5 * logits[i - 1] + rng.normal(0, 0.5)
        scores = 1 / (1 + np.exp(-logits))
        summaries.append(summarise(scores))
        errors.append(frame_error(scores, 0.57))
    assert 0.9 < np.mean(errors) / np.std(summaries) < 1.5


def test_error_falls_with_frames_and_a_calm_track_keeps_some() -> None:
    short, long = (frame_error(np.full(n, 0.7), 0.6) for n in (1, 32))
    assert short == pytest.approx(0.6)
    assert 0 < long < short


@pytest.mark.parametrize(
    ("scores", "message"),
    [
        (np.array([]), "one score or more"),
        (np.array([[0.5]]), "one score or more"),
        (np.array([0.5, np.nan]), "received nan at position 1"),
        (np.array([1.5]), "received 1.5 at position 0"),
    ],
)
def test_what_is_no_score_is_refused(scores: Scores, message: str) -> None:
    with pytest.raises(DataError, match=message):
        summarise(scores)
