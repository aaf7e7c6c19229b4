"""From crops to a verdict on each person and on the medium; never a number where nothing was measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector import verdict
from catchlight.detector.calibrate import judge
from catchlight.detector.errors import ContractError
from catchlight.detector.testing import sample_crops
from catchlight.detector.types import FaceReport, Track

TRACK = Track(3, sample_crops())


class Theirs:
    """A stranger's detector: gives what it is told."""

    def __init__(self, scores):
        self.given = scores

    def score(self, crops):
        return self.given


class Calibrated(Theirs):
    def __init__(self, scores, calibration):
        super().__init__(scores)
        self.calibration = calibration


class Explaining(Calibrated):
    def explain(self, crops):
        return self.given, np.zeros((len(crops), 4, 4), np.float32)


def test_a_calibrated_person_gets_probability_interval_and_verdict(calibration):
    scores = np.linspace(0.9, 0.99, 8)
    detector = Calibrated(scores, calibration)
    evidence = verdict.weigh(detector, TRACK)
    face = verdict.of_person(detector, TRACK, evidence, "video")
    judgement = judge(scores, "video", calibration)
    assert (face.track, face.p_fake, face.interval) == (3, judgement.p_fake, judgement.interval)
    assert (face.verdict, evidence.heatmaps) == ("fake", None)
    assert face.interval[0] < face.p_fake < face.interval[1]


def test_frames_lie_on_the_calibrated_line_of_the_person(calibration):
    detector = Calibrated(np.full(8, 0.8), calibration)
    face = verdict.of_person(detector, TRACK, verdict.weigh(detector, TRACK), "video")
    assert [frame.p_fake for frame in face.frames] == pytest.approx([face.p_fake] * 8)
    assert [(f.index, f.time, f.box) for f in face.frames] == [
        (c.index, c.time, c.face.box) for c in TRACK.crops
    ]


def test_heatmaps_come_with_the_scores(calibration):
    evidence = verdict.weigh(Explaining(np.full(8, 0.5), calibration), TRACK)
    assert evidence.heatmaps.shape == (8, 4, 4)


def test_without_calibration_there_are_scores_but_no_probability():
    detector = Theirs(np.linspace(0.9, 0.99, 8))
    face = verdict.of_person(detector, TRACK, verdict.weigh(detector, TRACK), "video")
    assert (face.p_fake, face.interval, face.verdict, face.reasons) == (
        None,
        None,
        "undecided",
        ("not_calibrated",),
    )
    assert [frame.p_fake for frame in face.frames] == pytest.approx(np.linspace(0.9, 0.99, 8))


def test_what_cannot_be_judged_is_never_scored(calibration):
    crops = tuple(replace(c, quality=replace(c.quality, problem="too_blurred")) for c in TRACK.crops)
    track = Track(0, crops)
    detector = Calibrated(np.full(8, 0.9), calibration)
    evidence = verdict.weigh(detector, track)
    face = verdict.of_person(detector, track, evidence, "video")
    assert len(evidence.scores) == 0
    assert (face.p_fake, face.verdict, face.reasons, face.frames) == (None, "undecided", ("too_blurred",), ())


@pytest.mark.parametrize(
    "given",
    [np.full(7, 0.5), np.full((8, 1), 0.5), np.full(8, np.nan), np.full(8, 1.5), None, ["high"] * 8],
    ids=["too few", "a column", "not finite", "over 1", "nothing", "words"],
)
def test_what_is_no_score_is_an_error(given):
    with pytest.raises(ContractError, match="must give 8 scores from 0 to 1"):
        verdict.weigh(Theirs(given), TRACK)


def person(track, p_fake, answer):
    interval = None if p_fake is None else (p_fake - 0.05, p_fake + 0.05)
    return FaceReport(track, p_fake, interval, answer)


def test_a_medium_is_as_fake_as_its_most_fake_person():
    real, unsure, fake = person(0, 0.1, "real"), person(1, 0.5, "undecided"), person(2, 0.9, "fake")
    unseen = person(3, None, "undecided")
    assert verdict.of_medium([real, fake, unsure]) == ("fake", 0.9, fake.interval)
    assert verdict.of_medium([real, unsure]) == ("undecided", 0.5, unsure.interval)
    assert verdict.of_medium([real]) == ("real", 0.1, real.interval)
    assert verdict.of_medium([real, unseen]) == ("real", 0.1, real.interval)
    assert verdict.of_medium([unseen]) == verdict.of_medium([]) == ("undecided", None, None)
