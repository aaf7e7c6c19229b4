"""Weighting a sample by k is the same as repeating it k times, for every measure."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from catchlight.detector import weighted
from catchlight.detector.errors import DataError, UnknownName


@pytest.mark.parametrize("name", ["auc", "eer", "tpr_at_fpr", "ece", "brier"])
def test_weights_are_repetitions(name: weighted.MeasureName) -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 2, 60)
    scores = np.round(np.clip(rng.normal(0.4 + 0.2 * labels, 0.2), 0, 1), 1)  # many ties
    counts = rng.integers(1, 4, (5, 60))
    measure = weighted.named(name, 0.1)

    found = measure(weighted.check(scores, labels), counts.astype(float))

    repeated = [weighted.check(np.repeat(scores, row), np.repeat(labels, row)) for row in counts]
    assert found == pytest.approx([weighted.value(measure, sample) for sample in repeated])


def test_weighted_auc_is_scikit_learns() -> None:
    rng = np.random.default_rng(4)
    labels, weights = rng.integers(0, 2, 200), rng.uniform(0.1, 3, 200)
    scores = np.round(rng.normal(size=200) + labels, 1)
    found = weighted.value(weighted.auc, weighted.check(scores, labels), weights)
    assert found == pytest.approx(roc_auc_score(labels, scores, sample_weight=weights))


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        ([], [], "n at least 1"),
        ([0.1, 0.2], [0], "same shape"),
        ([[0.1], [0.2]], [[0], [1]], "same shape"),
        ([0.1, np.nan], [0, 1], "received nan at position 1"),
        ([0.1, np.inf], [0, 1], "received inf at position 1"),
        ([0.1, 0.2], [0, 2], r"labels 0 \(real\) and 1 \(fake\), received \[0, 2\]"),
        ([0.1, 0.2], [1, 1], "2 of one class"),
        ([0.1, 0.2], [0, 0], "2 of one class"),
    ],
)
def test_bad_input_is_named(scores: list[float], labels: list[int], message: str) -> None:
    with pytest.raises(DataError, match=message):
        weighted.check(scores, labels)


def test_probabilities_have_a_range() -> None:
    with pytest.raises(DataError, match=r"received -2 to 0.5"):
        weighted.check([0.5, -2.0], [0, 1], probabilities=True)


def test_weights_must_be_positive_one_for_each() -> None:
    sample = weighted.check([0.1, 0.2], [0, 1])
    for weights in ([1.0], [1.0, 0.0], [1.0, np.nan]):
        with pytest.raises(DataError, match="2 positive weights"):
            weighted.value(weighted.auc, sample, np.array(weights))


def test_unknown_measures_and_impossible_limits_are_refused() -> None:
    with pytest.raises(UnknownName, match="auc, brier, ece, eer, tpr_at_fpr"):
        weighted.named("area", 0.1)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=r"from 0 to 1, received 1.5"):
        weighted.named("tpr_at_fpr", 1.5)
