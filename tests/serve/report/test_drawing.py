"""Curves and heat: what is drawn lies where the numbers say."""

from __future__ import annotations

import base64

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Box, FrameScore
from catchlight.serve.report.drawing import data_uri, heated, timeline

FACE_BOX = Box(170.0, 60.0, 110.0, 150.0)
Pixels = NDArray[np.uint8]


def decoded(uri: str) -> Pixels:
    data = base64.b64decode(uri.removeprefix("data:image/jpeg;base64,"), validate=True)
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def test_a_picture_keeps_its_colours_and_is_reduced_but_never_enlarged(astronaut: Pixels) -> None:
    small = decoded(data_uri(astronaut, 128))
    assert small.shape == (128, 128, 3)
    reference = cv2.resize(astronaut, (128, 128), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - reference.astype(int)).mean() < 6
    assert decoded(data_uri(astronaut[:100, :64], 128)).shape == (100, 64, 3)


def test_a_person_who_was_away_leaves_a_gap_in_the_curve() -> None:
    times = [0.0, 0.5, 1.0, 1.5, 9.0, 9.5]
    drawn = timeline([FrameScore(t, i, FACE_BOX, 0.4, 1.0) for i, t in enumerate(times)])
    assert drawn is not None
    assert [len(line.split()) for line in drawn.lines] == [4, 2]
    assert drawn.points[0].x < drawn.points[-1].x
    assert "lowest score 40%" in drawn.summary


def test_a_higher_score_is_drawn_higher() -> None:
    drawn = timeline([FrameScore(float(i), i, FACE_BOX, p, 1.0) for i, p in enumerate((0.1, 0.9))])
    assert drawn is not None
    assert drawn.points[1].y < drawn.points[0].y


def test_one_moment_makes_no_curve() -> None:
    assert timeline([FrameScore(0.0, 0, FACE_BOX, 0.4, 1.0)]) is None
    assert timeline([]) is None


def test_heat_colours_where_it_is_and_nowhere_else(astronaut: Pixels) -> None:
    heat = np.zeros((8, 8), np.float32)
    heat[:, 6:] = 1.0
    shown = heated(astronaut, heat)
    assert shown.shape == astronaut.shape
    assert np.ptp(shown[:, :200].astype(int), axis=2).max() == 0
    assert np.ptp(shown[:, 450:].astype(int), axis=2).mean() > 20
