"""How good a detector is: ROC measures, calibration error, and intervals that count people, not frames.

Scores are such that higher means fake; label 1 (or True) is fake. Values and their thousands of resamples
come from the same code (`catchlight.detector.weighted`), so they can't disagree; the tests hold the values
against scikit-learn, which takes one vector of weights at a time and would be far slower here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from catchlight.detector import weighted
from catchlight.detector.bootstrap import Index, draw_counts, group_index, groups_of_each_class
from catchlight.detector.errors import DataError
from catchlight.detector.types import Scores
from catchlight.detector.weighted import Measure, MeasureName, Sample, check, named, value

RESAMPLES = 2000  # enough for two steady digits of a 95 % interval
FPR = 0.01  # false alarms that a service can bear


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value with its 95 % interval.

    Attributes:
        value: The measure on all samples.
        low: Lower end of the interval.
        high: Upper end of the interval.
        n: How many groups (people, clips) stand behind it.
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        """As tables show it: ``0.750 [0.610, 0.880]``."""
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class MethodRow:
    """How well one forgery method is told from real media; ``fakes`` and ``reals`` count samples."""

    method: str
    auc: Estimate
    fakes: int
    reals: int


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What a detector gains by saying "undecided".

    Attributes:
        coverage: Share of samples judged, surest first, rising to 1; float64, shape (k,).
        risk: Share of wrong answers among those; float64, shape (k,).
        area: Mean risk over all coverages; 0 is perfect, the plain error rate is what random order gives.
    """

    coverage: Scores
    risk: Scores
    area: float


def auc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Probability that a random fake scores higher than a random real; a tie counts half.

    Args:
        scores: Finite numbers, shape (n,).
        labels: 1 fake, 0 real, shape (n,); both must occur.

    Raises:
        DataError: Empty or one-class input, a number that is not finite, lengths that differ.

    Example:
        >>> auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
        0.75
    """
    return value(weighted.auc, check(scores, labels))


def eer(scores: ArrayLike, labels: ArrayLike) -> float:
    """Equal error rate: where the ROC polyline has as many false alarms as misses. Raises as `auc`."""
    return value(weighted.eer, check(scores, labels))


def tpr_at_fpr(scores: ArrayLike, labels: ArrayLike, fpr: float = FPR) -> float:
    """Share of fakes found at the best threshold with at most ``fpr`` false alarms.

    Not interpolated: the threshold is one that can really be set. Raises as `auc`.
    """
    return value(weighted.tpr_at_fpr(fpr), check(scores, labels))


def brier(p_fake: ArrayLike, labels: ArrayLike) -> float:
    """Mean squared error of probabilities (Brier 1950). Raises as `ece`."""
    return value(weighted.brier, check(p_fake, labels, both=False, probabilities=True))


def ece(p_fake: ArrayLike, labels: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Expected calibration error over ten bins of equal mass (Naeini et al. 2015, Nixon et al. 2019).

    Equal values share a bin. Small samples read too high, for chance alone moves each bin; resamples, and so
    the interval of `estimate`, read higher still.

    Args:
        p_fake: Probabilities of fake, 0 to 1, shape (n,).
        labels: 1 fake, 0 real, shape (n,); one class may be absent.
        weights: How much each sample counts, positive, shape (n,); all alike when None.

    Raises:
        DataError: Empty input, a number that is not finite or not from 0 to 1, lengths that differ.
    """
    sample = check(p_fake, labels, both=False, probabilities=True)
    return value(
        weighted.ece(weighted.BINS), sample, None if weights is None else np.asarray(weights, np.float64)
    )


def estimate(
    scores: ArrayLike,
    labels: ArrayLike,
    groups: Sequence[Any] | None = None,
    *,
    metric: MeasureName = "auc",
    fpr: float = FPR,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """A measure with its percentile bootstrap interval over groups.

    Two limits. Where a class has a single group the interval is the whole range. Where every fake scores
    above every real each resample does too, and the interval of the AUC shrinks to [1, 1]: look at ``n``.

    Args:
        scores: Higher means fake, shape (n,); probabilities for ``ece`` and ``brier``.
        labels: 1 fake, 0 real, shape (n,); both must occur.
        groups: The person or clip of each sample; each sample its own when None.
        metric: Which measure.
        fpr: False alarms allowed, for ``tpr_at_fpr``.
        resamples: How many bootstrap resamples.
        seed: Of the resampling.

    Raises:
        DataError: As the measure itself, or not one group a sample.
        UnknownName: No such measure.

    Example:
        >>> estimate([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], ["ann", "bob", "ann", "bob"]).n
        2
    """
    measure, sample = named(metric, fpr), check(scores, labels, probabilities=metric in ("ece", "brier"))
    index = group_index(groups, len(sample.scores))
    values = _resampled([sample], measure, index, resamples, seed)[0]
    return _estimate(value(measure, sample), values, sample, index, (0.0, 1.0))


def mean(values: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Estimate:
    """The mean of one or more values, shape (n,), with an interval that resamples them.

    Example:
        >>> str(mean([0.5, 0.5, 0.5]))
        '0.500 [0.500, 0.500]'
    """
    given = np.asarray(values, np.float64)
    drawn = np.random.default_rng(seed).choice(given, (resamples, len(given))).mean(1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Estimate(float(given.mean()), float(low), float(high), len(given))


def compare(
    first: ArrayLike,
    second: ArrayLike,
    labels: ArrayLike,
    groups: Sequence[Any] | None = None,
    *,
    metric: MeasureName = "auc",
    fpr: float = FPR,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Estimate:
    """Difference ``first - second`` of two detectors on the same samples, each resample drawn for both.

    They differ by more than chance where 0 lies outside the interval. Arguments, limits and errors as
    `estimate`.

    Example:
        >>> compare([0.2, 0.3, 0.8, 0.9], [0.4, 0.1, 0.3, 0.9], [0, 0, 1, 1]).value
        0.25
    """
    measure = named(metric, fpr)
    pair = [check(scores, labels, probabilities=metric in ("ece", "brier")) for scores in (first, second)]
    index = group_index(groups, len(pair[0].scores))
    values = _resampled(pair, measure, index, resamples, seed)
    difference = value(measure, pair[0]) - value(measure, pair[1])
    return _estimate(difference, values[0] - values[1], pair[0], index, (-1.0, 1.0))


def by_method(
    scores: ArrayLike,
    labels: ArrayLike,
    methods: Sequence[str],
    groups: Sequence[Any] | None = None,
    *,
    reals: Mapping[str, Sequence[str]] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[MethodRow, ...]:
    """AUC of each forgery method, in order of name.

    Args:
        scores: Higher means fake, shape (n,).
        labels: 1 fake, 0 real, shape (n,).
        methods: Of a fake its method, of a real its source, shape (n,).
        groups: As for `estimate`.
        reals: Method to the sources of the real samples that it is compared with; a method that is not named
            is compared with all. Sources differ more than labels do: name the fakes' own where they exist.
        resamples: As for `estimate`.
        seed: As for `estimate`.

    Raises:
        DataError: As `estimate`, or no real sample is of the sources that are named for a method.
    """
    sample = check(scores, labels)
    index, names = group_index(groups, len(sample.scores)), np.array([str(method) for method in methods])
    if names.shape != sample.scores.shape:
        raise DataError(f"expected a method for each of {len(sample.scores)} samples, received {len(names)}.")
    rows = []
    for method in map(str, np.unique(names[sample.labels])):
        fake = sample.labels & (names == method)
        real = ~sample.labels
        if reals is not None and method in reals:
            real &= np.isin(names, list(reals[method]))
        if not real.any():
            raise DataError(
                f"no real samples to compare {method!r} with; reals names {reals and reals[method]}."
            )
        part = fake | real
        measured = estimate(
            sample.scores[part], fake[part], list(index[part]), resamples=resamples, seed=seed
        )
        rows.append(MethodRow(method, measured, int(fake.sum()), int(real.sum())))
    return tuple(rows)


def risk_coverage(p_fake: ArrayLike, labels: ArrayLike) -> RiskCoverage:
    """Error among the samples judged, from the surest alone to all of them (El-Yaniv & Wiener 2010).

    Surety is the distance from 0.5; equals are admitted together; 0.5 itself is half an error.
    Raises as `ece`.
    """
    sample = check(p_fake, labels, both=False, probabilities=True)
    surety = np.abs(sample.scores - 0.5)
    order = np.argsort(-surety, kind="stable")
    wrong = np.where(surety == 0, 0.5, (sample.scores > 0.5) != sample.labels)[order]
    last = np.append(np.diff(surety[order]) != 0, True)
    judged = np.flatnonzero(last) + 1
    risk = np.cumsum(wrong)[last] / judged
    area = float(np.sum(risk * np.diff(judged, prepend=0)) / len(wrong))
    return RiskCoverage(judged / len(wrong), risk, area)


def undecided_share(verdicts: Sequence[str]) -> float:
    """Share of verdicts that are ``undecided``.

    Raises:
        DataError: No verdicts.
    """
    if not verdicts:
        raise DataError("expected at least one verdict, received none.")
    return sum(verdict == "undecided" for verdict in verdicts) / len(verdicts)


def _resampled(
    samples: Sequence[Sample], measure: Measure, index: Index, resamples: int, seed: int
) -> list[Scores]:
    chunks = [
        [measure(sample, counts.astype(np.float64)) for sample in samples]
        for counts in draw_counts(samples[0].labels, index, resamples, seed)
    ]
    return [np.concatenate(values) for values in zip(*chunks, strict=True)]


def _estimate(
    found: float, values: Scores, sample: Sample, index: Index, whole: tuple[float, float]
) -> Estimate:
    low, high = (float(end) for end in np.quantile(values, (0.025, 0.975)))
    if min(groups_of_each_class(sample.labels, index)) < 2:
        low, high = whole  # one group says nothing of how groups vary
    return Estimate(found, min(low, found), max(high, found), int(index.max()) + 1)
