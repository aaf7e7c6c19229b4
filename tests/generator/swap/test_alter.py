import numpy as np
import pytest

from catchlight.generator.swap import frame
from catchlight.generator.swap.alter import altered, bent, shaken


@pytest.fixture
def face(astronaut, astronaut_face):
    return frame.cut(astronaut, astronaut_face.landmarks, 96)


def off(a, b):
    return np.abs(a.astype(int) - b).mean()


def test_a_bent_face_comes_with_the_straight_one(face):
    shown, straight = bent(face, np.random.default_rng(3))
    assert shown.shape == straight.image.shape == face.image.shape
    assert 1 < off(shown, straight.image) < 40
    again = bent(face, np.random.default_rng(3))
    assert (again[0] == shown).all()


def test_another_light_leaves_the_landmarks(face):
    lit = [altered(face, np.random.default_rng(seed)) for seed in range(4)]
    assert all(off(one.image, face.image) > 1 for one in lit)
    assert all((one.landmarks == face.landmarks).all() for one in lit)


def test_a_shaken_face_has_its_landmarks_elsewhere(face):
    moved = shaken(face, np.random.default_rng(2))
    assert 0.5 < np.abs(moved.landmarks - face.landmarks).mean() < 12
    assert off(moved.image, face.image) > 1
