"""A detector that judges by skin is seen in its card."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.datasets.skin_tone import BANDS
from catchlight.detector.calibrate import fit
from catchlight.detector.calibration import CalibrationSample
from catchlight.detector.errors import TrainingError
from catchlight.detector.metrics import Estimate
from catchlight.serve import skin_tones
from catchlight.serve.held_out import HeldOut
from catchlight.serve.skin_tones import ByTone

COLOURS = {
    "dark or brown": (100, 66, 48),
    "tan": (172, 124, 92),
    "intermediate": (190, 142, 114),
    "light": (225, 190, 170),
}


def held_out(by_band, each=30, source="studio", kind="image", label=0):
    """People of every band with a score of their band, and a little of their own."""
    rng, tracks, scored = np.random.default_rng(1), [], []
    for band, score in by_band.items():
        for number in range(each):
            crops = np.full((1, 32, 32, 3), COLOURS[band], np.uint8)
            scores = np.clip(rng.normal(score, 0.03, 1), 0.01, 0.99)
            who = f"{source}{band}{number}{label}"
            tracks.append(HeldOut(crops, label, kind, who, "swap" * label, source=source))
            scored.append(CalibrationSample(scores, label, kind, who, "swap" * label))
    return tracks, scored


@pytest.fixture(scope="module")
def calibration():
    same = dict.fromkeys(BANDS, 0.2)
    real, forged = held_out(same), held_out(dict.fromkeys(BANDS, 0.8), label=1)
    return fit(real[1] + forged[1], seed=1)


def by_band(found):
    return {line.band: line for line in found}


def test_a_detector_that_takes_dark_skin_for_forgery_shows_it(calibration):
    scores = {"dark or brown": 0.8, "tan": 0.2, "intermediate": 0.2, "light": 0.2}
    found = by_band(skin_tones.measure(*held_out(scores), calibration))
    assert {line.people for line in found.values()} == {30}
    assert found["dark or brown"].accused >= 29
    assert [found[band].accused for band in list(BANDS)[1:]] == [0, 0, 0]
    assert found["dark or brown"].shift.low > 1
    assert found["light"].shift.high < 0


def test_a_fair_one_shows_nothing(calibration):
    found = skin_tones.measure(*held_out(dict.fromkeys(BANDS, 0.2)), calibration)
    assert [line.band for line in found] == list(BANDS)
    assert all(line.shift.low < 0 < line.shift.high and not line.accused for line in found)


def test_people_are_compared_with_their_own_collection(calibration):
    """Where the darker people come from the poorer camera, it is the camera's doing."""
    one = held_out({"light": 0.2}, source="studio")
    two = held_out({"tan": 0.4}, source="car")
    found = by_band(skin_tones.measure(one[0] + two[0], one[1] + two[1], calibration))
    assert all(abs(line.shift.value) < 1e-6 for line in found.values())


def test_a_collection_of_few_people_counts_without_a_shift(calibration):
    found = skin_tones.measure(*held_out({"tan": 0.8}, each=3), calibration)
    assert [(line.people, line.accused, line.shift) for line in found] == [(3, 3, None)]
    assert skin_tones.table(found).endswith("| tan | image | 3 | 3 |  |")


@pytest.mark.parametrize(("people", "accused", "refused"), [(100, 5, False), (100, 6, True), (3, 1, False)])
def test_one_that_accuses_many_of_one_tone_is_refused(people, accused, refused):
    lines = [ByTone("light", "image", 100, 0, None), ByTone("tan", "video", people, accused, None)]
    if not refused:
        skin_tones.refuse(lines)
        return
    with pytest.raises(TrainingError, match=r"tan, video: 6 of 100\); expected at most 5%"):
        skin_tones.refuse(lines)


def test_a_person_counts_once_and_forgeries_not(calibration):
    tracks, scored = held_out({"light": 0.2}, each=10)
    forged = held_out({"light": 0.8}, each=10, label=1)
    found = skin_tones.measure(tracks * 2 + forged[0], scored * 2 + forged[1], calibration)
    assert [line.people for line in found] == [10]


def test_the_table_tells_the_interval():
    line = ByTone("tan", "video", 40, 1, Estimate(0.25, -0.1, 0.6, 40))
    assert skin_tones.table([line]).splitlines()[-1] == "| tan | video | 40 | 1 | +0.25 [-0.10, +0.60] |"
