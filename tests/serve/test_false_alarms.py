"""A detector that accuses real people for how their pictures were handled is told, and refused."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from catchlight.detector.calibrate import Calibration, fit
from catchlight.detector.calibration import CalibrationSample
from catchlight.detector.errors import TrainingError
from catchlight.detector.types import MediaKind, Pixels, Scores
from catchlight.serve import false_alarms
from catchlight.serve.false_alarms import FalseAlarms
from catchlight.serve.held_out import HeldOut

SIDE = 32


def person(number: int, frames: int = 1, label: int = 0, kind: MediaKind = "image") -> HeldOut:
    rng = np.random.default_rng(number)
    crops = np.repeat(rng.integers(60, 190, (frames, 1, 1, 3)), SIDE, 1).repeat(SIDE, 2).astype(np.uint8)
    return HeldOut(crops, label, kind, f"{kind}{number}", "swap" if label else "")


def sensitive_to(measure: Callable[[Pixels], float]) -> Callable[[Pixels], Scores]:
    """A network that takes what is measured for forgery: 0.1 of nothing, towards 1 of much."""
    return lambda crops: np.array([1 - 0.9 * np.exp(-measure(crop.astype(float))) for crop in crops])


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    rng = np.random.default_rng(1)

    def track(label: int, number: int, kind: MediaKind) -> CalibrationSample:
        score = np.clip(rng.normal(0.15 + 0.6 * label, 0.05, 1), 0.01, 0.99)
        return CalibrationSample(score, label, kind, f"{kind}{label}{number}", "swap" if label else "")

    kinds: tuple[MediaKind, ...] = ("image", "video")
    return fit([track(label, n, kind) for label in (0, 1) for n in range(120) for kind in kinds], seed=1)


def test_one_that_takes_noise_for_forgery_is_found_and_refused(calibration):
    people = [person(n) for n in range(30)]
    noisy = sensitive_to(lambda crop: float(np.diff(crop, axis=1).std()))
    found = {line.handling: line for line in false_alarms.measure(people, noisy, calibration)}
    assert found["as they are"].accused == found["dark"].accused == 0
    assert found["noise"].accused == found["colour noise"].accused == 30
    assert found["noise"].shift > 3 > abs(found["dark"].shift)
    with pytest.raises(TrainingError, match=r"noise, image: 30 of 30.*No bundle was written"):
        false_alarms.refuse(list(found.values()))


def test_noise_of_each_channel_by_itself_is_a_handling_of_its_own(calibration):
    chroma = sensitive_to(lambda crop: float((crop[..., 0] - crop[..., 2]).std()))
    found = {line.handling: line for line in false_alarms.measure([person(1)], chroma, calibration)}
    assert (found["noise"].accused, found["colour noise"].accused) == (0, 1)


def test_one_that_bears_handling_passes(calibration):
    found = false_alarms.measure([person(n) for n in range(5)], sensitive_to(lambda _: 0.0), calibration)
    assert [line.accused for line in found] == [0] * len(false_alarms.HANDLINGS)
    false_alarms.refuse(found)


def test_each_person_counts_once_forged_ones_not_and_kinds_apart(calibration):
    tracks = [person(1), person(1), person(2), person(3, label=1), person(4, 9, kind="video")]
    seen: list[int] = []

    def score(crops: Pixels) -> Scores:
        seen.append(len(crops))
        return np.full(len(crops), 0.1)

    found = false_alarms.measure(tracks, score, calibration, {"as they are": lambda crop: crop})
    assert [(line.kind, line.people) for line in found] == [("image", 2), ("video", 1)]
    assert seen == [1, 1, false_alarms.FRAMES]


@pytest.mark.parametrize(("accused", "refused"), [(1, False), (5, False), (6, True)])
def test_a_few_are_borne(accused, refused):
    lines = [FalseAlarms("soft", "image", 100, accused, 0.1)]
    if not refused:
        false_alarms.refuse(lines)
        return
    with pytest.raises(TrainingError, match="soft, image: 6 of 100"):
        false_alarms.refuse(lines)


def test_one_person_of_few_refuses_nothing():
    false_alarms.refuse([FalseAlarms("soft", "video", 3, 1, 0.1)])


def test_the_table_has_a_row_for_each_line():
    text = false_alarms.table([FalseAlarms("soft", "image", 100, 2, -0.25)])
    assert text.splitlines()[-1] == "| soft | image | 100 | 2 | -0.25 |"
