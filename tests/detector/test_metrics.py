"""Measures against scikit-learn and against cases worked out by hand; intervals against their promises."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve

from catchlight.detector import metrics
from catchlight.detector.errors import DataError
from catchlight.detector.weighted import MeasureName

Draw = tuple[NDArray[np.float64], NDArray[np.int64]]


def draw(n: int, shift: float, seed: int) -> Draw:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 2
    return rng.normal(shift * labels), labels


def test_auc_eer_and_tpr_agree_with_scikit_learn() -> None:
    scores, labels = draw(500, 1.2, seed=0)
    scores = np.round(scores, 1)
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)

    assert metrics.auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores))
    assert metrics.tpr_at_fpr(scores, labels, 0.1) == pytest.approx(tpr[fpr <= 0.1].max())
    grid = np.linspace(0, 1, 100_001)
    crossing = grid[np.argmin(np.abs(np.interp(grid, fpr, tpr) - (1 - grid)))]
    assert metrics.eer(scores, labels) == pytest.approx(crossing, abs=1e-4)


def test_brier_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    p_fake, labels = rng.uniform(size=100), rng.integers(0, 2, 100)
    assert metrics.brier(p_fake, labels) == pytest.approx(brier_score_loss(labels, p_fake))


def test_cases_by_hand() -> None:
    perfect = [0.1, 0.2, 0.8, 0.9], [0, 0, 1, 1]
    assert (metrics.auc(*perfect), metrics.eer(*perfect), metrics.tpr_at_fpr(*perfect)) == (1, 0, 1)
    equal = [0.5, 0.5, 0.5, 0.5], [0, 1, 0, 1]
    assert (metrics.auc(*equal), metrics.eer(*equal), metrics.tpr_at_fpr(*equal)) == (0.5, 0.5, 0)
    assert metrics.auc([0.9, 0.1], [0, 1]) == 0


def test_ece_of_known_errors() -> None:
    assert metrics.ece([0.5] * 10, [0] * 5 + [1] * 5) == pytest.approx(0)  # ties share a bin
    assert metrics.ece([0.9] * 10, [0] * 5 + [1] * 5) == pytest.approx(0.4)
    assert metrics.ece([0.2, 0.2], [0, 0]) == pytest.approx(0.2)
    assert metrics.ece([0.2, 0.7], [0, 1], weights=[3.0, 1.0]) == pytest.approx((3 * 0.2 + 0.3) / 4)


def test_ece_of_a_perfect_forecaster_is_small() -> None:
    rng = np.random.default_rng(2)
    p_fake = rng.uniform(size=20_000)
    labels = rng.uniform(size=20_000) < p_fake
    assert metrics.ece(p_fake, labels) < 0.01
    assert metrics.ece(p_fake**3, labels) > 0.1


def test_interval_holds_the_truth_as_often_as_it_says() -> None:
    truth = 0.8413  # of two unit normals sqrt(2) apart
    found = [metrics.estimate(*draw(120, np.sqrt(2), seed), resamples=300) for seed in range(100)]
    held = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.88 <= held <= 1


def test_interval_counts_people_not_frames() -> None:
    scores, labels = draw(60, 1.0, seed=5)
    people = np.repeat(np.arange(60), 12)
    frames = np.repeat(scores, 12), np.repeat(labels, 12)

    by_person = metrics.estimate(*frames, list(people))
    by_frame = metrics.estimate(*frames)
    plain = metrics.estimate(scores, labels)

    assert by_person.n == 60
    assert by_person.value == by_frame.value == pytest.approx(plain.value)
    assert (by_person.low, by_person.high) == pytest.approx((plain.low, plain.high), abs=0.02)
    assert by_person.high - by_person.low > 2.5 * (by_frame.high - by_frame.low)


@pytest.mark.parametrize("metric", ["auc", "eer", "tpr_at_fpr", "ece", "brier"])
def test_every_measure_has_an_interval_and_a_seed(metric: MeasureName) -> None:
    scores, labels = draw(80, 1.0, seed=6)
    p_fake = 1 / (1 + np.exp(-scores))
    found = metrics.estimate(p_fake, labels, metric=metric, seed=3, resamples=200)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found == metrics.estimate(p_fake, labels, metric=metric, seed=3, resamples=200)
    assert found != metrics.estimate(p_fake, labels, metric=metric, seed=4, resamples=200)


def test_one_group_says_nothing_of_spread() -> None:
    scores, labels, people = [0.1, 0.3, 0.8, 0.2], [0, 0, 1, 1], ["ann", "bob", "cy", "cy"]
    found = metrics.estimate(scores, labels, people)
    assert (found.value, found.low, found.high, found.n) == (0.75, 0.0, 1.0, 3)
    difference = metrics.compare(scores, scores, labels, people)
    assert (difference.value, difference.low, difference.high) == (0.0, -1.0, 1.0)


def test_paired_comparison_sees_what_separate_intervals_miss() -> None:
    scores, labels = draw(300, 1.0, seed=7)
    better = scores + 0.25 * labels
    first, second = metrics.estimate(better, labels), metrics.estimate(scores, labels)
    assert first.low < second.high

    difference = metrics.compare(better, scores, labels)
    assert difference.value == pytest.approx(first.value - second.value)
    assert difference.low > 0
    same = metrics.compare(scores, 2 * scores + 1, labels)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_each_method_meets_its_own_reals() -> None:
    scores = [0.1, 0.2, 0.6, 0.7, 0.4, 0.5, 0.8, 0.9]
    labels = [0, 0, 0, 0, 1, 1, 1, 1]
    methods = ["photo", "photo", "film", "film", "swap", "swap", "gan", "gan"]

    swap_all = {row.method: row for row in metrics.by_method(scores, labels, methods)}["swap"]
    gan, swap = metrics.by_method(scores, labels, methods, reals={"swap": ["photo"]})

    assert (swap_all.auc.value, swap_all.reals) == (0.5, 4)
    assert (swap.method, swap.auc.value, swap.fakes, swap.reals) == ("swap", 1.0, 2, 2)
    assert (gan.method, gan.auc.value, gan.reals, gan.auc.n) == ("gan", 1.0, 4, 6)


def test_by_method_names_what_is_missing() -> None:
    with pytest.raises(DataError, match="'swap' with; reals names \\['cartoon'\\]"):
        metrics.by_method([0.1, 0.9], [0, 1], ["photo", "swap"], reals={"swap": ["cartoon"]})
    with pytest.raises(DataError, match="method for each of 2"):
        metrics.by_method([0.1, 0.9], [0, 1], ["photo"])


def test_risk_falls_where_the_detector_knows() -> None:
    found = metrics.risk_coverage([0.125, 0.875, 0.375, 0.625, 0.5], [0, 1, 1, 1, 0])
    assert found.coverage.tolist() == [0.4, 0.8, 1.0]
    assert found.risk == pytest.approx([0, 0.25, 0.3])
    assert found.area == pytest.approx((2 * 0 + 2 * 0.25 + 0.3) / 5)


def test_undecided_share() -> None:
    assert metrics.undecided_share(["real", "undecided", "fake", "undecided"]) == 0.5
    with pytest.raises(DataError, match="at least one verdict"):
        metrics.undecided_share([])


@pytest.mark.parametrize("measure", [metrics.auc, metrics.eer, metrics.tpr_at_fpr, metrics.estimate])
def test_one_class_is_refused(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(DataError, match="one class"):
        measure([0.1, 0.2, 0.3], [1, 1, 1])
