"""A known turn of one eye, and a known colour of one iris, are recovered; the unchanged face is the baseline."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.eyes import IRIS, Eyes, gazes
from catchlight.detector.cues.face_model import mean_face


def test_a_known_gaze_is_recovered_from_landmarks():
    points = (mean_face()[:, :2] * 60 + 300).astype(np.float32)
    ahead = gazes(points)
    moved = points.copy()
    size = float(np.hypot(*(points[474] - points[476])))
    moved[list(lm.LEFT_IRIS)] += np.array([0.0, 12 * np.sin(np.radians(8)) * size / IRIS], np.float32)
    right, left = gazes(moved)
    assert right == pytest.approx(ahead[0])
    assert left[1] - ahead[1][1] == pytest.approx(8.0, abs=0.8)


def test_gaze_does_not_change_with_the_roll_of_the_head():
    points = (mean_face()[:, :2] * 60).astype(np.float32)
    turn = np.array([[np.cos(0.5), -np.sin(0.5)], [np.sin(0.5), np.cos(0.5)]])
    for straight, rolled in zip(gazes(points), gazes((points @ turn.T).astype(np.float32)), strict=True):
        assert rolled == pytest.approx(straight, abs=0.3)


def test_a_real_face_looks_one_way_with_irises_of_one_size(portrait, person_of):
    cue = Eyes().measure(person_of(portrait.image))
    assert cue.value < 4
    assert cue.details["iris_ratio"] > 0.9


def test_a_known_colour_of_one_iris_is_recovered(portrait, with_catchlights, person_of):
    grey = with_catchlights(None, None)
    lab = cv2.cvtColor(grey.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
    points = portrait.landmarks[list(lm.LEFT_IRIS)]
    y, x = np.mgrid[0 : grey.shape[0], 0 : grey.shape[1]]
    inside = (
        np.hypot(x - points[:, 0].mean(), y - points[:, 1].mean()) < np.hypot(*(points[1] - points[3])) / 2
    )
    lab[inside, 2] -= 15
    blue = (cv2.cvtColor(lab, cv2.COLOR_Lab2RGB) * 255).clip(0, 255).astype(np.uint8)
    plain = Eyes().measure(person_of(grey)).details["colour_difference"]
    assert plain < 3
    assert Eyes().measure(person_of(blue)).details["colour_difference"] == pytest.approx(15, abs=3)


def test_colour_is_not_told_in_black_and_white(portrait, person_of):
    grey = np.repeat(cv2.cvtColor(portrait.image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert "colour_difference" not in Eyes().measure(person_of(grey)).details


def test_closed_eyes_are_told(with_lids, person_of):
    assert "closed" in Eyes().measure(person_of(with_lids((1.0, 1.0)))).reason
