"""A known shift of one highlight is recovered through the real face finder; without highlights there is no number."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector.cues.catchlight import Catchlight, best_overlap, yen

PLACE = (-0.25, -0.2)


def test_the_same_highlight_in_both_eyes_overlaps(with_catchlights, person_of):
    cue = Catchlight().measure(person_of(with_catchlights(PLACE, PLACE)))
    assert cue.value > 0.6
    assert cue.details["apart_radii"] < 0.2
    assert (cue.details["right_highlights"], cue.details["left_highlights"]) == (1, 1)


@pytest.mark.parametrize("shift", [(0.5, 0.0), (0.6, 0.25), (0.2, 0.5)])
def test_a_known_shift_is_recovered(with_catchlights, person_of, shift):
    moved = (PLACE[0] + shift[0], PLACE[1] + shift[1])
    straight = Catchlight().measure(person_of(with_catchlights(PLACE, PLACE)))
    cue = Catchlight().measure(person_of(with_catchlights(PLACE, moved)))
    across, down = (cue.details[name] - straight.details[name] for name in ("across_radii", "down_radii"))
    assert (across, down) == pytest.approx(shift, abs=0.12)
    assert cue.value < straight.value - 0.25


def test_two_lights_in_one_eye_are_counted(with_catchlights, person_of):
    image = with_catchlights(PLACE, PLACE)
    second = with_catchlights((0.35, 0.3), None, size=0.18)
    both = np.where(second.max(axis=2, keepdims=True) > 200, second, image)
    cue = Catchlight().measure(person_of(both))
    assert (cue.details["right_highlights"], cue.details["left_highlights"]) == (2, 1)


def test_mirrored_picture_gives_the_same_overlap(with_catchlights, person_of):
    image = with_catchlights(PLACE, (0.2, 0.1))
    straight = Catchlight().measure(person_of(image))
    flipped = Catchlight().measure(person_of(np.ascontiguousarray(image[:, ::-1])))
    assert flipped.value == pytest.approx(straight.value, abs=0.15)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda paint: paint(None, None), "no highlight"),
        (lambda paint: paint(PLACE, None), "no highlight"),
        (
            lambda paint: cv2.resize(paint(PLACE, PLACE), (300, 300), interpolation=cv2.INTER_AREA),
            "the iris is",
        ),
    ],
)
def test_what_cannot_be_compared_says_why(with_catchlights, person_of, change, reason):
    cue = Catchlight().measure(person_of(change(with_catchlights)))
    assert cue.status == "not_applicable"
    assert reason in cue.reason


def test_closed_eyes_have_no_highlight(with_lids, person_of):
    assert "closed" in Catchlight().measure(person_of(with_lids((1.0, 1.0)))).reason


def test_overlap_allows_a_small_shift_only():
    spot = np.zeros((96, 96), np.bool_)
    spot[40:50, 40:50] = True
    assert best_overlap(spot, np.roll(spot, 5, axis=0)) == 1
    assert best_overlap(spot, np.roll(spot, 30, axis=0)) == 0


def test_threshold_parts_a_bright_spot_from_its_ground():
    values = np.concatenate([np.full(900, 10.0), np.full(60, 200.0)]).astype(np.float32)
    assert 10 <= yen(values) < 200
