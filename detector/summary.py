"""The scores of a track in one number, and how much that number owes to the choice of frames."""

from __future__ import annotations

import math

import numpy as np

from catchlight.detector.errors import DataError
from catchlight.detector.types import Scores

CLIP = 1 / 512  # half a step of an int8 output: what a float network says beyond, its int8 form can't
TRIM = 0.1  # share of crops set aside at each end, and at least one crop of three or more
LEAST_CORRELATION = 0.5  # of neighbouring frames; from short clips it is estimated too low
MOST_CORRELATION = 0.95
TYPICAL_FRAMES = 4  # how many frames the spread seen in calibration counts for, against the track's own


def summarise(scores: Scores) -> float:
    """The trimmed mean of the crops' logits.

    Logits, because evidence adds up there. Trimmed, because one bad frame (a blur, a hand, a missed face)
    must not turn a verdict: a tenth of the crops is set aside at each end, and one at least from three crops
    on, so that three crops give their median. Not the median throughout: it costs a third of the precision.
    Scores are clipped to [1/512, 511/512], so no crop weighs without bound. Raising a score never lowers the
    result.

    Args:
        scores: Network scores of one track, 0 to 1, shape (n,).

    Returns:
        Log odds, from -6.2 to 6.2.

    Raises:
        DataError: No scores, or one that is no probability.

    Example:
        >>> round(summarise(np.array([0.5, 0.5, 0.999])), 6)
        0.0
    """
    logits = np.sort(_logits(scores))
    aside = _aside(len(logits))
    return float(logits[aside : len(logits) - aside].mean())


def frame_spread(scores: Scores) -> tuple[float, int]:
    """How much the crops of one track differ.

    Args:
        scores: Network scores of one track, 0 to 1, shape (n,).

    Returns:
        The standard deviation of logits that the error of their trimmed mean follows (winsorised, divided by
        the share kept), and the degrees of freedom behind it: 0 for one crop.

    Raises:
        DataError: No scores, or one that is no probability.
    """
    held = _winsorised(_logits(scores))
    freedom = len(held) - 2 * _aside(len(held)) - 1
    if freedom < 1:
        return 0.0, 0
    return float(held.std(ddof=1)) * len(held) / (freedom + 1), freedom


def frame_error(scores: Scores, typical_spread: float) -> float:
    """The standard error of `summarise` that comes from the choice of frames, as `judge` describes it.

    Args:
        scores: Network scores of one track in time order, 0 to 1, shape (n,).
        typical_spread: What `frame_spread` gives for tracks of this kind.

    Returns:
        Standard error in log odds.

    Raises:
        DataError: No scores, or one that is no probability.
    """
    spread, freedom = frame_spread(scores)
    variance = (freedom * spread**2 + TYPICAL_FRAMES * typical_spread**2) / (freedom + TYPICAL_FRAMES)
    correlation = _correlation(_winsorised(_logits(scores)))
    independent = max(1.0, len(scores) * (1 - correlation) / (1 + correlation))
    return math.sqrt(variance / independent)


def _correlation(logits: Scores) -> float:
    residual = logits - logits.mean()
    power = float(residual @ residual)
    if power < 1e-9:
        return LEAST_CORRELATION
    return min(max(float(residual[1:] @ residual[:-1]) / power, LEAST_CORRELATION), MOST_CORRELATION)


def _winsorised(logits: Scores) -> Scores:
    aside = _aside(len(logits))
    ordered = np.sort(logits)
    return np.clip(logits, ordered[aside], ordered[len(logits) - aside - 1])


def _aside(n: int) -> int:
    return 0 if n < 3 else max(1, int(n * TRIM))


def _logits(scores: Scores) -> Scores:
    values = np.asarray(scores, np.float64)
    if values.ndim != 1 or not len(values):
        raise DataError(f"expected one score or more, shape (n,), received shape {values.shape}.")
    if not np.all((values >= 0) & (values <= 1)):
        bad = int(np.flatnonzero(~((values >= 0) & (values <= 1)))[0])
        raise DataError(f"expected scores from 0 to 1, received {values[bad]} at position {bad}.")
    values = np.clip(values, CLIP, 1 - CLIP)
    return np.asarray(np.log(values / (1 - values)))
