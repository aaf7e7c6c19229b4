"""Tracks -> verdicts: what a detector makes of each person, and of the medium as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import reasons
from catchlight.detector.calibrate import judge
from catchlight.detector.errors import ContractError
from catchlight.detector.registry import Calibrated, Detector, Explains
from catchlight.detector.types import FaceReport, FrameScore, MediaKind, Scores, Track, Verdict

Heatmaps = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the detector makes of one person.

    Attributes:
        scores: Its scores of the track's crops, float64, shape (n,), not calibrated; empty where the crops
            can't be judged.
        heatmaps: Where in each crop the evidence lies, float32, shape (n, h, w), 0 to 1; None where unknown.
    """

    scores: Scores
    heatmaps: Heatmaps | None = None


def weigh(detector: Detector, track: Track) -> Evidence:
    """Score the crops of one person, unless they can't be judged.

    Raises:
        ContractError: A plug-in gave something that is no score.
    """
    if not track.crops or any(crop.quality.problem for crop in track.crops):
        return Evidence(np.empty(0))
    if isinstance(detector, Explains):
        scores, heatmaps = detector.explain(track.crops)
    else:
        scores, heatmaps = detector.score(track.crops), None
    return Evidence(_checked(scores, len(track.crops)), heatmaps)


def of_person(detector: Detector, track: Track, evidence: Evidence, kind: MediaKind) -> FaceReport:
    """From the scores of one person to probability, interval, verdict and reasons.

    The frames' ``p_fake`` lie on the same calibrated line as the person's, whose log odds are their trimmed
    mean. Of a detector without calibration they are its own scores, and there is nothing else to tell.
    """
    if not len(evidence.scores):
        return FaceReport(track.id, None, None, "undecided", (reasons.why_not(track.crops),))
    if not isinstance(detector, Calibrated):
        raw = _frames(track, evidence.scores)
        return FaceReport(track.id, None, None, "undecided", ("not_calibrated",), raw)
    calibration = detector.calibration
    judgement = judge(evidence.scores, kind, calibration)
    alone = [judge(score, kind, calibration).p_fake for score in evidence.scores[:, np.newaxis]]
    frames = _frames(track, alone)
    why = reasons.of_person(frames, track, evidence.heatmaps, judgement, kind, calibration)
    return FaceReport(track.id, judgement.p_fake, judgement.interval, judgement.verdict, why, frames)


def of_medium(people: Sequence[FaceReport]) -> tuple[Verdict, float | None, tuple[float, float] | None]:
    """A medium is as fake as its most fake person; who could not be measured does not count.

    Returns:
        Its verdict, probability of fake and 95 % interval; the last two None where nothing was measured.
    """
    measured = [face for face in people if face.p_fake is not None]
    if not measured:
        return "undecided", None, None
    verdicts = {face.verdict for face in measured}
    verdict: Verdict = "fake" if "fake" in verdicts else "undecided" if "undecided" in verdicts else "real"
    most = max(measured, key=lambda face: face.p_fake or 0.0)
    return verdict, most.p_fake, most.interval


def _checked(scores: object, count: int) -> Scores:
    try:
        values = np.asarray(scores, np.float64)
    except (TypeError, ValueError):
        values = np.empty(0)
    if values.shape != (count,) or not np.all((values >= 0) & (values <= 1)):
        raise ContractError(
            f"the detector must give {count} scores from 0 to 1, received {scores!r}. "
            "Check it with catchlight.detector.testing.check_detector."
        )
    return values


def _frames(track: Track, values: Iterable[float]) -> tuple[FrameScore, ...]:
    return tuple(
        FrameScore(crop.time, crop.index, crop.face.box, float(value), crop.quality.score)
        for crop, value in zip(track.crops, values, strict=True)
    )
