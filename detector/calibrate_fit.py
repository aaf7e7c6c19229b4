"""How a calibration is found for one kind of medium; see `catchlight.detector.calibrate.fit`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from catchlight.detector import metrics
from catchlight.detector.bootstrap import draw_counts, group_index, groups_of_each_class
from catchlight.detector.calibration import KINDS, CalibrationSample, KindCalibration, probability
from catchlight.detector.errors import DataError, TrainingError, UnknownName
from catchlight.detector.summary import frame_error, frame_spread, summarise
from catchlight.detector.types import Scores

LEAST_PEOPLE = 20  # real, and as many forged, for a calibration; fewer leave the line to chance
REPLICAS = 50  # enough for a standard deviation to within a tenth
FOLDS = 5  # of cross-fitting
DIGITS = 6  # of the stored lines
QUANTILES = 101  # of the real people's log odds: a percent each
SURE = 0.95  # that an extrapolated tail is not longer than taken; a wrong `fake` harms a person
# Log odds, under those of an int8 network's highest output, 255/256: a threshold here leaves room for `fake`.
REACH = 5.5
LEAST_TAIL = 0.5  # logits; scale of an extrapolated tail when the people seen hardly differ

Line = tuple[float, float]  # slope, intercept


@dataclass(frozen=True, slots=True)
class _Tracks:
    """One row a track: summary, truth, family (0 for real) and person by number, and whether training saw its like."""

    summary: Scores
    fake: NDArray[np.bool_]
    family: NDArray[np.intp]
    person: NDArray[np.intp]
    unseen: NDArray[np.bool_]

    def part(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> _Tracks:
        return _Tracks(*(getattr(self, name)[rows] for name in self.__slots__))


def has_enough_people(samples: Sequence[CalibrationSample]) -> bool:
    """Whether there are 20 real and 20 forged people or more."""
    real, fake = (len({sample.group for sample in samples if sample.label == label}) for label in (0, 1))
    return min(real, fake) >= LEAST_PEOPLE


def fit_kind(
    samples: Sequence[CalibrationSample], max_false_alarm: float, max_miss: float, seed: int
) -> KindCalibration:
    """Fit line, replicas, thresholds and calibration error on the samples given.

    Args:
        samples: Tracks of known truth.
        max_false_alarm: As for `catchlight.detector.calibrate.fit`.
        max_miss: As for `catchlight.detector.calibrate.fit`.
        seed: Of resampling and cross-fitting.

    Raises:
        TrainingError: Too few people, or scores that don't tell fake from real.
        DataError: A label that is not 0 or 1, or scores that are no probabilities.
        UnknownName: A sample of an unknown kind.
    """
    tracks = _tracks(samples)
    weights = _balanced(tracks, np.ones(len(samples)))
    slope, intercept = _line(tracks, weights)
    _check_informative(tracks, slope, seed)

    real_people, fake_people = groups_of_each_class(tracks.fake, tracks.person)
    highest_real = _upper_tail(*_highest(tracks.summary, weights, tracks, fake=False), max_false_alarm)
    lowest_fake = min(_lowest(tracks.part(rows), max_miss) for rows in _families(tracks, max_miss))
    spread = _typical_spread(samples)
    return KindCalibration(
        slope=slope,
        intercept=intercept,
        replicas=tuple(_replicas(tracks, seed)),
        frame_spread=spread,
        frame_error=_typical_error(samples, spread),
        real_below=min(probability(slope * lowest_fake + intercept), 0.5),
        fake_above=max(probability(slope * highest_real + intercept), 0.5),
        ece=metrics.ece(_cross_fitted(tracks, seed), tracks.fake, weights=weights),
        real_people=real_people,
        fake_people=fake_people,
        pooled=False,
        real_odds=_of_real_people(tracks, (slope, intercept)),
    )


def _of_real_people(tracks: _Tracks, line: Line) -> tuple[float, ...]:
    """Quantiles of the real people's log odds; each counts once, with the highest track, as for the threshold."""
    highest, _ = _highest(tracks.summary, np.ones(len(tracks.summary)), tracks, fake=False)
    odds = line[0] * np.quantile(highest, np.linspace(0, 1, QUANTILES)) + line[1]
    return tuple(round(float(value), 3) for value in odds)


def _tracks(samples: Sequence[CalibrationSample]) -> _Tracks:
    for sample in samples:
        if sample.label not in (0, 1):
            raise DataError(
                f"label must be 0 (real) or 1 (fake), received {sample.label!r} of {sample.group!r}."
            )
        if sample.kind not in KINDS:
            raise UnknownName("kind of medium", sample.kind, KINDS)
    if not has_enough_people(samples):
        real, fake = (len({sample.group for sample in samples if sample.label == label}) for label in (0, 1))
        raise TrainingError(
            f"a calibration takes {LEAST_PEOPLE} real and {LEAST_PEOPLE} forged people or more, held out "
            f"from training, received {real} and {fake}. Hold out more."
        )
    fake_rows = np.array([sample.label == 1 for sample in samples])
    families = group_index([sample.family for sample in samples], len(samples)) + 1
    return _Tracks(
        summary=np.array([summarise(sample.scores) for sample in samples]),
        fake=fake_rows,
        family=np.where(fake_rows, families, 0),
        person=group_index([sample.group for sample in samples], len(samples)),
        unseen=np.array([sample.unseen for sample in samples]),
    )


def _balanced(tracks: _Tracks, counts: Scores, family_counts: Scores | None = None) -> Scores:
    """Weights of mean 1: classes alike, what training saw and what it did not alike, then families, then people.

    ``counts`` says how often each track's person was drawn, ``family_counts`` how often each family was.
    """
    family, half = 2 * tracks.family + tracks.unseen, 2 * tracks.fake + tracks.unseen
    pairs = np.unique(family * (tracks.person.max() + 1) + tracks.person, return_inverse=True)[1]
    weights = counts / np.bincount(pairs)[pairs]
    for level in (family, half, tracks.fake.astype(np.intp)):
        total = np.bincount(level, weights)[level]
        weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        if level is family and family_counts is not None:
            weights *= family_counts[tracks.family]
    return np.asarray(weights * len(weights) / weights.sum())


def _line(tracks: _Tracks, weights: Scores) -> Line:
    """Platt's line: each track is a little of both classes, so that separable people give a finite slope."""
    from_people = groups_of_each_class(tracks.fake, tracks.person)
    target = np.where(tracks.fake, 1 - 1 / (from_people[1] + 2), 1 / (from_people[0] + 2))
    model = LogisticRegression(C=np.inf, tol=1e-8, max_iter=1000)
    model.fit(
        np.tile(tracks.summary, 2)[:, None],
        np.repeat((1, 0), len(target)),
        sample_weight=np.concatenate((weights * target, weights * (1 - target))),
    )
    return round(float(model.coef_[0, 0]), DIGITS), round(float(model.intercept_[0]), DIGITS)


def _check_informative(tracks: _Tracks, slope: float, seed: int) -> None:
    found = metrics.estimate(tracks.summary, tracks.fake, list(tracks.person), seed=seed, resamples=500)
    if slope <= 0 or found.low <= 0.5:
        raise TrainingError(
            f"the scores don't tell fake from real on held-out people: AUC {found.value:.3f}, 95 % interval "
            f"{found.low:.3f} to {found.high:.3f}, slope {slope:.3f} with families balanced. Expected an "
            "interval above 0.5 and a slope above 0. Train longer, or look whether labels are swapped."
        )


def _replicas(tracks: _Tracks, seed: int) -> Iterator[Line]:
    """Lines of resampled people and families: tomorrow's forgery is of a family that nobody has seen."""
    rng = np.random.default_rng((seed, 1))
    halves = [np.unique(tracks.family[tracks.fake & (tracks.unseen == unseen)]) for unseen in (False, True)]
    for chunk in draw_counts(tracks.fake, tracks.person, REPLICAS, seed):
        for counts in chunk:
            family_counts = np.zeros(tracks.family.max() + 1)
            for families in halves:
                np.add.at(family_counts, rng.choice(families, len(families)) if len(families) else [], 1)
            family_counts[0] = 1
            line = _line(tracks, _balanced(tracks, counts.astype(np.float64), family_counts))
            # A draw in which the scores mislead knows nothing: even odds, and no falling line.
            yield line if line[0] > 0 else (0.0, 0.0)


def _cross_fitted(tracks: _Tracks, seed: int) -> Scores:
    p_fake = np.empty(len(tracks.summary))
    folds = KFold(FOLDS, shuffle=True, random_state=seed)
    for _, people in folds.split(np.unique(tracks.person)):
        held_out = np.isin(tracks.person, people)
        part = tracks.part(~held_out)
        slope, intercept = _line(part, _balanced(part, np.ones(len(part.summary))))
        p_fake[held_out] = [probability(slope * summary + intercept) for summary in tracks.summary[held_out]]
    return p_fake


def _families(tracks: _Tracks, share: float) -> list[NDArray[np.intp]]:
    """Rows of the fakes of each family; those with too few people to tell ``share`` are joined."""
    rows = [np.flatnonzero(tracks.family == family) for family in np.unique(tracks.family[tracks.fake])]
    enough = [len(np.unique(tracks.person[row])) * share >= 1 - share - 1e-9 for row in rows]
    few = [row for row, many in zip(rows, enough, strict=True) if not many]
    halves = [[row for row in few if tracks.unseen[row[0]] == unseen] for unseen in (False, True)]
    together = [np.concatenate(half) for half in halves if half]
    return [row for row, many in zip(rows, enough, strict=True) if many] + together


def _lowest(tracks: _Tracks, share: float) -> float:
    """What a new forged person falls short of with at most the probability ``share``."""
    weights = _balanced(tracks, np.ones(len(tracks.summary)))
    return -_upper_tail(*_highest(-tracks.summary, weights, tracks, fake=True), share)


def _highest(values: Scores, weights: Scores, tracks: _Tracks, *, fake: bool) -> tuple[Scores, Scores]:
    """The highest value and the whole weight of each person of a class, one a family."""
    chosen = tracks.fake == fake
    key = tracks.family[chosen] * (tracks.person.max() + 1) + tracks.person[chosen]
    index = np.unique(key, return_inverse=True)[1]
    highest = np.full(index.max() + 1, -np.inf)
    np.maximum.at(highest, index, values[chosen])
    return highest, np.asarray(np.bincount(index, weights[chosen]), np.float64)


def _upper_tail(values: Scores, weights: Scores, share: float) -> float:
    """What a new person exceeds with at most the probability ``share``; n by Kish where weights differ."""
    order = np.argsort(-values, kind="stable")
    ordered, mass = values[order], weights[order] / weights.sum()
    n = 1 / float(np.sum(mass**2))
    allowed = share * (n + 1)  # people who may lie at or above the threshold
    if allowed < 1 - 1e-9:
        quarter = ordered[: max(2, len(ordered) // 4)]
        scale = max(LEAST_TAIL, _longest_tail(quarter[:-1] - quarter[-1]))
        return float(ordered[0]) + scale * math.log(1 / allowed)
    above = np.cumsum(mass) - mass
    found = float(ordered[np.flatnonzero(above <= (allowed - 1) / n + 1e-9)[-1]])
    # One odd person at the bound of `summarise` must not put the verdict out of everybody's reach.
    return min(found, REACH) if mass[ordered > REACH].sum() <= share else found


def _longest_tail(excesses: Scores) -> float:
    """Scale of an exponential tail at the upper end of its 95 % interval: few people tell little of a tail."""
    freedom = 2 * len(excesses)
    return float(2 * excesses.sum() / chi2.ppf(1 - SURE, freedom))


def _typical_spread(samples: Sequence[CalibrationSample]) -> float:
    found = np.array([frame_spread(sample.scores) for sample in samples])
    freedom = found[:, 1].sum()
    return float(np.sqrt(found[:, 0] ** 2 @ found[:, 1] / freedom)) if freedom else 0.0


def _typical_error(samples: Sequence[CalibrationSample], spread: float) -> float:
    errors = np.array([frame_error(sample.scores, spread) for sample in samples])
    return float(np.sqrt(np.mean(errors**2)))
