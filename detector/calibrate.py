"""From a track's network scores to a probability of fake, its interval and a verdict.

Scores of a track are summarised to one logit (`summarise`), a line fitted on people that the network never
saw turns that into the log odds of fake (Platt 1999), and two thresholds with an interval make the verdict
(`judge`). `fit` finds line and thresholds. Judging needs numpy alone.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.calibration import (
    KINDS,
    MAX_FALSE_ALARM,
    MAX_MISS,
    PRIOR,
    Calibration,
    CalibrationSample,
    KindCalibration,
    log_odds,
    probability,
)
from catchlight.detector.errors import ConfigError
from catchlight.detector.summary import frame_error, summarise
from catchlight.detector.types import MediaKind, Scores, Verdict

__all__ = [
    "Calibration",
    "CalibrationSample",
    "Judgement",
    "KindCalibration",
    "fit",
    "judge",
    "summarise",
]

NORMAL_95 = 1.96  # half width of a 95 % interval in standard errors


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a track's scores amount to.

    Attributes:
        p_fake: Probability of fake at the given prior.
        interval: Its 95 % interval.
        verdict: At that.
        real_share: Share of the real people of the calibration who score as high, 0 to 1; None where it is not known.
    """

    p_fake: float
    interval: tuple[float, float]
    verdict: Verdict
    real_share: float | None = None


def judge(scores: Scores, kind: MediaKind, calibration: Calibration, *, prior: float = PRIOR) -> Judgement:
    """Judge one track.

    ``p_fake`` is the probability of fake at the given prior. Its 95 % interval combines, in log odds:

    - how far the fit could have come out otherwise: from the 2.5 % to the 97.5 % quantile of the replicas, which
      were fitted on resampled people *and* forgery families. These are skewed, for no line falls;
    - how much less these frames say than those of a typical track: the variance of the summary beyond the
      mean variance in calibration, for that much the line already makes up. It is that of a trimmed mean
      (Tukey & McLaughlin 1963), its spread shrunk towards the typical one, for n * (1 - r) / (1 + r)
      independent frames, where r is the correlation of neighbouring frames, 0.5 at least. So a short or
      restless track has a wider interval, and no track a narrower one than the calibration supports;
    - how many people there were: with n real people the low end stays under 1 - 1/(n + 2), with n forged ones
      the high end over 1/(n + 2) (Laplace's rule of succession).

    Verdicts: ``fake`` if the probability *at prior 0.5* is over ``fake_above`` and the whole interval over
    0.5; ``real`` if it is under ``real_below`` and the whole interval under 0.5; else ``undecided``. Another
    prior moves probability and interval, so it can withhold a verdict but never break the limit of false
    alarms.

    Args:
        scores: Network scores, one per crop in time order, 0 to 1, shape (n,).
        kind: Of the medium.
        calibration: What `fit` found.
        prior: Share of fakes that is expected where the medium comes from, between 0 and 1.

    Raises:
        DataError: No scores, or one that is no probability.
        ConfigError: A prior that is not between 0 and 1.
        UnknownName: No such kind.
    """
    if not 0 < prior < 1:
        raise ConfigError(f"prior must be between 0 and 1, received {prior}. Use 0.5 when it is unknown.")
    fitted = calibration.of(kind)
    summary = summarise(scores)
    odds = fitted.slope * summary + fitted.intercept
    below, above = _fit_errors(fitted, summary)
    excess = NORMAL_95 * fitted.slope * _excess_error(scores, fitted)
    shift = log_odds(prior) - log_odds(PRIOR)
    low = probability(min(odds - math.hypot(below, excess), math.log(fitted.real_people + 1)) + shift)
    high = probability(max(odds + math.hypot(above, excess), -math.log(fitted.fake_people + 1)) + shift)
    verdict = _verdict(probability(odds), low, high, fitted)
    return Judgement(probability(odds + shift), (low, high), verdict, fitted.real_share(odds))


def fit(
    samples: Sequence[CalibrationSample],
    *,
    seed: int,
    max_false_alarm: float = MAX_FALSE_ALARM,
    max_miss: float = MAX_MISS,
    clears: Collection[MediaKind] = KINDS,
) -> Calibration:
    """Find the calibration of a detector from tracks of people that it was not trained on.

    The line is a logistic regression of the truth on the tracks' summaries, with Platt's smoothed targets.
    Fakes together weigh as much as real (**prior 0.5**). Where there are forgeries of tools that training has not seen,
    they weigh as much as all others, for tomorrow's tool may be either; likewise the real pictures that they are
    compared with. Then each forgery family weighs as much as another, each person of a family as much as another. A
    kind with fewer than 20 real or 20 forged people is fitted on all kinds together, and says so (``pooled``).

    The thresholds are order statistics of the summaries themselves. The network never saw these people and
    the line keeps the order, so nothing needs holding out. ``fake_above`` is the lowest value with at most
    ``max_false_alarm * (n + 1)`` of the n real people at or above it (their highest track counts): on
    average over calibrations, no more than that share of new people of the same sources lies above (split
    conformal prediction, Vovk et al. 2005). This takes 1 / max_false_alarm - 1 people
    (`Calibration.people_needed`, 99 for 1 %); with fewer it is the highest person and a margin, the upper
    quarter's exponential tail continued to ``max_false_alarm`` with the scale that it has at most (95 %),
    which may lie out of reach. With enough people, one whose scores are at their bound does not put it
    there, as long as the share over the highest threshold within reach is what was promised. ``real_below``
    is the same of the forged people's lowest tracks **of the family that is missed most**, because a family
    that nobody has seen yet will not be an easy one; families of fewer than 1 / max_miss - 1 people are taken
    together for it. Neither crosses 0.5.

    Args:
        samples: Tracks of known truth, in any number per person.
        seed: Of resampling and cross-fitting; the same samples and seed give the same calibration.
        max_false_alarm: Share of real people that may lie above ``fake_above``, between 0 and 1.
        max_miss: Share of the fakes of any family that may lie below ``real_below``, between 0 and 1.
        clears: Kinds of medium in which a face may be called real; leave out those for which no forgeries of tools that
            training has not seen are among the samples, for nobody knows how many of these ``real`` would be said of.

    Raises:
        TrainingError: Too few people, or scores that don't tell fake from real.
        DataError: A label that is not 0 or 1, or scores that are no probabilities.
        ConfigError: A share that is not between 0 and 1.
        UnknownName: A sample of an unknown kind.
    """
    from catchlight.detector.calibrate_fit import fit_kind, has_enough_people

    for name, share in (("max_false_alarm", max_false_alarm), ("max_miss", max_miss)):
        if not 0 < share < 1:
            raise ConfigError(f"{name} must be between 0 and 1, received {share}.")
    own = {kind: [sample for sample in samples if sample.kind == kind] for kind in KINDS}
    enough = {kind: has_enough_people(own[kind]) for kind in KINDS}
    fitted = {kind: fit_kind(own[kind], max_false_alarm, max_miss, seed) for kind in KINDS if enough[kind]}
    if not all(enough.values()):
        of_all = next((fitted[kind] for kind in fitted if len(own[kind]) == len(samples)), None)
        pooled = replace(of_all or fit_kind(samples, max_false_alarm, max_miss, seed), pooled=True)
        fitted = {kind: fitted.get(kind, pooled) for kind in KINDS}
    fitted |= {kind: replace(fitted[kind], real_below=0.0) for kind in KINDS if kind not in clears}
    return Calibration(fitted["image"], fitted["video"], max_false_alarm, max_miss)


def _verdict(p_fake: float, low: float, high: float, fitted: KindCalibration) -> Verdict:
    if p_fake > fitted.fake_above and low > 0.5:
        return "fake"
    if p_fake < fitted.real_below and high < 0.5:
        return "real"
    return "undecided"


def _fit_errors(fitted: KindCalibration, summary: float) -> tuple[float, float]:
    """How far 95 % of the replicas lie below and above the line, in log odds."""
    lines = _lines(fitted)
    odds = lines[:, 0] * summary + lines[:, 1]
    low, high = np.quantile(odds[1:], (0.025, 0.975))
    return max(0.0, float(odds[0] - low)), max(0.0, float(high - odds[0]))


@lru_cache(maxsize=8)
def _lines(fitted: KindCalibration) -> NDArray[np.float64]:
    """Slope and intercept of the line itself, then of each replica."""
    return np.array([(fitted.slope, fitted.intercept), *fitted.replicas])


def _excess_error(scores: Scores, fitted: KindCalibration) -> float:
    excess = frame_error(scores, fitted.frame_spread) ** 2 - fitted.frame_error**2
    return math.sqrt(max(0.0, excess))
