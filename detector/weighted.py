"""The measures of `catchlight.detector.metrics` under many weightings at once.

A resample is a row of weights, so one call on scores sorted once gives a measure's value for thousands of
resamples. Weights have shape (rows, n); every measure returns float64 of shape (rows,).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from catchlight.detector.errors import DataError, UnknownName
from catchlight.detector.types import Scores

Labels = NDArray[np.bool_]
MeasureName = Literal["auc", "eer", "tpr_at_fpr", "ece", "brier"]

BINS = 10  # of the calibration error


@dataclass(frozen=True, slots=True)
class Sample:
    """Checked scores and labels, shape (n,), and how they sort.

    Attributes:
        scores: Higher means fake.
        labels: True is fake.
        order: The samples in order of falling score.
        starts: Where each run of equal scores starts in that order.
    """

    scores: Scores
    labels: Labels
    order: NDArray[np.intp]
    starts: NDArray[np.intp]


Measure = Callable[[Sample, Scores], Scores]


def check(scores: ArrayLike, labels: ArrayLike, *, both: bool = True, probabilities: bool = False) -> Sample:
    """Check input and sort it.

    Args:
        scores: Finite numbers, shape (n,).
        labels: 1 (or True) fake, 0 real, shape (n,).
        both: Whether both classes must occur.
        probabilities: Whether the scores must lie in 0 to 1.

    Raises:
        DataError: The input breaks one of these rules.
    """
    values, classes = np.asarray(scores, np.float64), np.asarray(labels)
    if values.ndim != 1 or values.shape != classes.shape or not len(values):
        raise DataError(
            "expected scores and labels of the same shape (n,), n at least 1, "
            f"received {values.shape} and {classes.shape}."
        )
    if not np.isfinite(values).all():
        bad = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(f"expected finite scores, received {values[bad]} at position {bad}.")
    if probabilities and (values.min() < 0 or values.max() > 1):
        raise DataError(f"expected probabilities from 0 to 1, received {values.min():g} to {values.max():g}.")
    if not np.isin(classes, (0, 1)).all():
        raise DataError(f"expected labels 0 (real) and 1 (fake), received {np.unique(classes)[:5].tolist()}.")
    fake = classes.astype(bool)
    if both and fake.all() == fake.any():
        raise DataError(f"expected real and fake samples, received {len(fake)} of one class. Add the other.")
    order = np.argsort(-values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=np.inf))
    return Sample(values, fake, order, starts)


def named(name: MeasureName, fpr: float) -> Measure:
    """The measure of a name; ``fpr`` is the limit of ``tpr_at_fpr``.

    Raises:
        UnknownName: No such measure.
        DataError: A limit outside 0 to 1.
    """
    measures: dict[str, Measure] = {
        "auc": auc,
        "eer": eer,
        "tpr_at_fpr": tpr_at_fpr(fpr),
        "ece": ece(BINS),
        "brier": brier,
    }
    if name not in measures:
        raise UnknownName("measure", name, get_args(MeasureName))
    return measures[name]


def value(measure: Measure, sample: Sample, weights: Scores | None = None) -> float:
    """A measure's value under one weighting, shape (n,), positive; all alike when None.

    Raises:
        DataError: Weights of another shape, or one that is not positive.
    """
    if weights is None:
        weights = np.ones(len(sample.scores))
    if weights.shape != sample.scores.shape or not (weights > 0).all():
        raise DataError(f"expected {len(sample.scores)} positive weights, received {weights}.")
    return float(measure(sample, weights[None])[0])


def auc(sample: Sample, weights: Scores) -> Scores:
    """Area under the ROC polyline: the share of pairs in the right order, ties half."""
    fpr, tpr = _roc(sample, weights)
    return np.asarray(np.sum(np.diff(fpr) * (tpr[:, 1:] + tpr[:, :-1]), axis=1) / 2)


def eer(sample: Sample, weights: Scores) -> Scores:
    """Where the ROC polyline has as many false alarms as misses."""
    fpr, tpr = _roc(sample, weights)
    gap = fpr + tpr - 1  # rises from -1 to 1
    after = np.argmax(gap >= 0, axis=1)[:, None]
    x0, x1 = (np.take_along_axis(fpr, at, axis=1) for at in (after - 1, after))
    g0, g1 = (np.take_along_axis(gap, at, axis=1) for at in (after - 1, after))
    return np.asarray((x0 - g0 / (g1 - g0) * (x1 - x0))[:, 0])


def tpr_at_fpr(limit: float) -> Measure:
    """The measure "share of fakes found with at most ``limit`` false alarms", not interpolated.

    Raises:
        DataError: A limit outside 0 to 1.
    """
    if not 0 <= limit <= 1:
        raise DataError(f"expected a false positive rate from 0 to 1, received {limit}.")

    def measure(sample: Sample, weights: Scores) -> Scores:
        fpr, tpr = _roc(sample, weights)
        return np.asarray(np.max(np.where(fpr <= limit + 1e-12, tpr, 0.0), axis=1))

    return measure


def brier(sample: Sample, weights: Scores) -> Scores:
    """Mean squared error of probabilities."""
    return np.asarray(weights @ (sample.scores - sample.labels) ** 2 / weights.sum(axis=1))


def ece(bins: int) -> Measure:
    """The measure "calibration error over ``bins`` bins of equal mass"; equal scores share a bin."""

    def measure(sample: Sample, weights: Scores) -> Scores:
        mass = np.add.reduceat(weights[:, sample.order], sample.starts, axis=1)
        excess = weights * (sample.scores - sample.labels)
        excess = np.add.reduceat(excess[:, sample.order], sample.starts, axis=1)
        middle = (np.cumsum(mass, axis=1) - mass / 2) / mass.sum(axis=1, keepdims=True)
        chosen = np.minimum((middle * bins).astype(np.intp), bins - 1)
        chosen += np.arange(len(weights))[:, None] * bins
        sums = np.bincount(chosen.ravel(), weights=excess.ravel(), minlength=len(weights) * bins)
        return np.asarray(np.abs(sums.reshape(-1, bins)).sum(axis=1) / weights.sum(axis=1))

    return measure


def _roc(sample: Sample, weights: Scores) -> tuple[Scores, Scores]:
    """False and true positive rates, (0, 0) first, one point after each run of equal scores."""
    fake = sample.labels[sample.order]
    sorted_weights = weights[:, sample.order]
    rates = []
    for chosen in (~fake, fake):
        found = np.cumsum(np.add.reduceat(sorted_weights * chosen, sample.starts, axis=1), axis=1)
        rates.append(np.pad(found / found[:, -1:], ((0, 0), (1, 0))))
    return rates[0], rates[1]
