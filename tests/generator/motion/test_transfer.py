import numpy as np
import pytest

from catchlight.detector.errors import UnknownName
from catchlight.generator.motion.transfer import nearest, transferred
from catchlight.generator.warp import moved


@pytest.fixture(scope="module")
def driving(moving):
    """The same face elsewhere, larger and of another shape: half as wide."""
    return [moved(face.landmarks, np.array([[1.5, 0, 200], [0, 3, 90.0]])) for face in moving]


def test_relative_motion_keeps_the_sources_shape_at_the_moment_most_like_it(square, driving):
    made = transferred(square.landmarks, driving, 64)
    start = nearest(square.landmarks, driving)
    assert made[start] == pytest.approx(square.landmarks, abs=1e-3)
    shifts = [points.mean(axis=0) - square.landmarks.mean(axis=0) for points in made]
    assert shifts[4][0] > shifts[2][0] > 1


def test_absolute_motion_takes_the_driving_shape(square, driving):
    made = transferred(square.landmarks, driving, 64, "absolute")

    def aspect(points):
        return np.ptp(points[:468, 0]) / np.ptp(points[:468, 1])

    assert aspect(made[0]) == pytest.approx(aspect(driving[0]), rel=0.01)
    assert aspect(made[0]) < 0.7 * aspect(square.landmarks)


def test_the_nearest_moment_is_found_whatever_its_place_and_size(moving):
    assert [nearest(face.landmarks * 2 + 30, [f.landmarks for f in moving]) for face in moving[:3]] == [
        0,
        1,
        2,
    ]


def test_other_kinds_are_refused(square):
    with pytest.raises(UnknownName, match="relative"):
        transferred(square.landmarks, [square.landmarks], 64, "sideways")
