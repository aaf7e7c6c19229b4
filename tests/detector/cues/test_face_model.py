"""The average face is symmetrical, mirrors landmark by landmark, and tells how a head is turned."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.face_model import angle_between, mean_face, mirror_order, mirrored, rotation


def test_mirroring_twice_is_no_change():
    order = mirror_order()
    assert np.array_equal(order[order], np.arange(lm.COUNT))
    assert set(order[list(lm.LEFT_IRIS)]) == set(lm.RIGHT_IRIS)
    points = (mean_face()[:, :2] * 50 + 200).astype(np.float32)
    assert mirrored(mirrored(points, 400), 400) == pytest.approx(points, abs=1e-3)


def test_the_mirrored_picture_has_the_mirrored_landmarks(portrait, person_of):
    found = person_of(np.ascontiguousarray(portrait.image[:, ::-1])).landmarks[0]
    assert np.abs(found - mirrored(portrait.landmarks, 640)).mean() < 3


@pytest.mark.parametrize("yaw", [-30, 0, 20])
def test_a_known_turn_is_recovered(yaw):
    angle = np.radians(yaw)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    seen = ((mean_face() @ turn.T)[:, :2] * 90 + 250).astype(np.float32)
    ahead = (mean_face()[:, :2] * 90 + 250).astype(np.float32)
    every = range(lm.COUNT)
    assert angle_between(rotation(seen, every), rotation(ahead, every)) == pytest.approx(abs(yaw), abs=0.1)
