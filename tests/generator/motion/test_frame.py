import numpy as np
import pytest

from catchlight.generator.motion import frame
from catchlight.generator.warp import moved


def test_the_face_lies_in_the_square_with_room(square):
    points = moved(square.landmarks * 3 + 100, frame.matrix([square.landmarks * 3 + 100], 128))
    assert 0.45 < np.ptp(points[:468, 1]) / 128 < 0.65
    assert points[:468].min() > 0.1 * 128
    assert points[:468].max() < 0.9 * 128


def test_one_square_serves_all_frames(moving):
    landmarks = [face.landmarks for face in moving]
    by = frame.matrix(landmarks, 64)
    middles = [moved(points, by).mean(axis=0) for points in landmarks]
    assert np.ptp(middles, axis=0).max() > 2  # what moves still moves


def test_a_face_of_no_size_makes_no_infinite_square():
    assert np.isfinite(frame.matrix([np.zeros((478, 2), np.float32)], 64)).all()
    assert frame.matrix([np.zeros((478, 2), np.float32)], 64)[0, 0] == pytest.approx(64 / frame.REACH)
