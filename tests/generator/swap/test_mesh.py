import numpy as np
import pytest

from catchlight.generator.swap import frame
from catchlight.generator.swap.mesh import bend, triangles
from catchlight.generator.types import Portrait


@pytest.fixture
def face(astronaut, astronaut_face):
    return frame.cut(astronaut, astronaut_face.landmarks, 96)


def test_a_face_bent_onto_itself_stays(face):
    assert np.abs(bend(face, face.landmarks).astype(int) - face.image).max() <= 2


def test_a_mirrored_face_is_bent_as_well_as_any(face):
    other = frame.turned_over(face)
    wanted = other.landmarks + np.float32((0, 3)) * (other.landmarks[:, 1:] > 48)
    bent = bend(other, wanted)
    assert (
        np.abs(bend(Portrait(bent, wanted), other.landmarks).astype(int) - other.image)[20:80, 25:70].mean()
        < 8
    )
    assert np.abs(bent.astype(int) - other.image)[50:80, 25:70].mean() > 8


def test_features_come_to_lie_where_they_are_asked_for(face):
    marked = face.image.copy()
    x, y = face.landmarks[1].round().astype(int)
    marked[y - 1 : y + 2, x - 1 : x + 2] = (0, 255, 0)
    wanted = face.landmarks + np.float32((4, 0))
    drawn = bend(Portrait(marked, face.landmarks), wanted).astype(int)
    green = drawn[..., 1] - drawn[..., 0]
    assert np.unravel_index(green.argmax(), green.shape) == pytest.approx((y, x + 4), abs=1.5)


def test_landmarks_that_fold_are_drawn_without_holes(face):
    folded = face.landmarks.copy()
    folded[:, 0] = 60 + 0.02 * (folded[:, 0] - 60)
    drawn = bend(face, folded)
    assert drawn.shape == face.image.shape
    assert drawn.std() > 10


def test_the_mesh_holds_each_triangle_once():
    assert triangles().shape[1] == 3
    assert len({tuple(sorted(corners)) for corners in triangles().tolist()}) == len(triangles()) > 200
