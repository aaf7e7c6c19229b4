import numpy as np
import pytest

from catchlight.generator.motion.keypoints import PARTS, motion, units
from catchlight.generator.warp import moved


def applied(maps, places):
    by = maps.reshape(-1, 2, 3)
    return np.einsum("kij,kj->ki", by[..., :2], places) + by[..., 2]


def test_what_does_not_move_has_maps_that_move_nothing(square):
    maps, places = motion(square.landmarks, square.landmarks, 64)
    assert maps.shape == (len(PARTS), 6)
    assert maps == pytest.approx(np.tile([1, 0, 0, 0, 1, 0], (len(PARTS), 1)), abs=1e-4)
    assert np.abs(places).max() < 1


def test_an_affine_motion_is_told_by_every_part(square):
    by = np.array([[1.1, 0.1, -3], [-0.1, 1.1, 2.0]])
    driving = moved(square.landmarks, by)
    maps, places = motion(square.landmarks, driving, 64)
    back = units(moved(places * 32 + 31.5, np.asarray(inverse(by))), 64)
    assert applied(maps, places) == pytest.approx(back, abs=1e-3)
    assert np.linalg.det(maps.reshape(-1, 2, 3)[..., :2]) == pytest.approx(
        1 / np.linalg.det(by[:, :2]), rel=0.05
    )


def inverse(by):
    linear = np.linalg.inv(by[:, :2])
    return np.column_stack([linear, -linear @ by[:, 2]])


def test_a_part_that_moves_alone_moves_its_own_key_point(square):
    driving = square.landmarks.copy()
    driving[list(PARTS[2])] -= np.float32([0, 4])
    maps, places = motion(square.landmarks, driving, 64)
    shift = applied(maps, places) - places
    assert shift[2] == pytest.approx([0, 4 / 32], abs=0.02)
    assert np.abs(np.delete(shift, [2], axis=0)).max() < 0.06


def test_landmarks_on_one_line_make_no_wild_map(square):
    """A shut mouth tells nothing about how it would stretch across."""
    flat = square.landmarks.copy()
    flat[list(PARTS[6]), 1] = flat[list(PARTS[6]), 1].mean()
    maps, _ = motion(square.landmarks, flat, 64)
    assert np.abs(maps[6].reshape(2, 3)[:, :2] - np.eye(2)).max() < 0.6
