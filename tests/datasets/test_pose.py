"""Known rotations come back; the astronaut looks at the camera, and her mirror image leans the other way."""

import numpy as np
import pytest

from catchlight.datasets import pose
from catchlight.detector import landmarks as lm


def landmarks_of(yaw, pitch, roll):
    """The model of the module, turned and seen from afar; roll after pitch after yaw, as a camera sees it."""
    y, p, r = np.radians((yaw, pitch, roll))
    about_up = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_across = np.array([[1, 0, 0], [0, np.cos(p), np.sin(p)], [0, -np.sin(p), np.cos(p)]])
    about_view = np.array([[np.cos(r), np.sin(r), 0], [-np.sin(r), np.cos(r), 0], [0, 0, 1]])
    seen = np.array(list(pose.SKULL.values())) @ (about_view @ about_up @ about_across).T
    points = np.zeros((lm.COUNT, 2), np.float32)
    points[list(pose.SKULL)] = seen[:, :2] * (20, -20) + (300, 200)
    return points


@pytest.mark.parametrize("angles", [(0, 0, 0), (30, 0, 0), (-50, 0, 0), (0, 25, 0), (0, -15, 0), (0, 0, 40)])
def test_a_known_rotation_comes_back(angles):
    assert pose.measure(landmarks_of(*angles)) == pytest.approx(angles, abs=0.1)


def test_rotations_together_come_back_nearly():
    assert pose.measure(landmarks_of(25, 10, -20)) == pytest.approx((25, 10, -20), abs=6)


def test_a_mirrored_face_is_turned_the_other_way(astronaut_face):
    found = pose.measure(astronaut_face.landmarks)
    mirrored = astronaut_face.landmarks * (-1, 1)
    # A mirror swaps left and right landmarks; those of the model come in such pairs.
    swapped = mirrored.copy()
    for a, b in ((33, 263), (133, 362), (234, 454)):
        swapped[[a, b]] = mirrored[[b, a]]
    other = pose.measure(swapped.astype(np.float32))
    assert abs(found.yaw) < 20
    assert abs(found.pitch) < 20
    assert other == pytest.approx((-found.yaw, found.pitch, -found.roll), abs=0.5)


def test_size_and_place_do_not_matter(astronaut_face):
    moved = astronaut_face.landmarks * 0.3 + (11, -7)
    assert pose.measure(moved) == pytest.approx(pose.measure(astronaut_face.landmarks), abs=0.01)
