"""A known turn of the inner face is recovered, and the head of a real photograph looks one way."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.cues.face_model import mean_face
from catchlight.detector.cues.person import Person
from catchlight.detector.cues.pose import CENTRAL, HeadPose, disagreement


def turned(yaw: float, pitch: float = 0.0) -> np.ndarray:
    a, b = np.radians(yaw), np.radians(pitch)
    across = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    down = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return ((mean_face() @ (down @ across).T)[:, :2] * 80 + 300).astype(np.float32)


@pytest.mark.parametrize(("yaw", "pitch", "angle"), [(15, 0, 15), (0, 10, 10), (-20, 0, 20)])
def test_a_known_turn_of_the_inner_face_is_recovered(yaw, pitch, angle):
    head = turned(10.0)
    head[list(CENTRAL)] = turned(10.0 + yaw, pitch)[list(CENTRAL)]
    assert disagreement(head) == pytest.approx(angle, abs=1.5)


@pytest.mark.parametrize("yaw", [-40, 0, 25])
def test_a_whole_head_looks_one_way(yaw):
    assert disagreement(turned(yaw)) < 0.1


def test_a_real_head_looks_about_one_way(portrait, person_of):
    cue = HeadPose().measure(person_of(portrait.image))
    assert cue.value < 8
    assert cue.quality > 0.9


@pytest.mark.parametrize(
    ("scale", "yaw", "reason"), [(3.0, 45.0, "to the side"), (0.2, 0.0, "24 are needed")]
)
def test_what_cannot_be_measured_says_why(scale, yaw, reason):
    points = turned(yaw)[None] * np.float32(scale)
    person = Person("image", np.zeros(1), points, np.zeros(1, np.intp), np.zeros((1, 3), np.float32))
    assert reason in HeadPose().measure(person).reason
