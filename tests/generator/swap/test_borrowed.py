import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.generator.swap import frame
from catchlight.generator.swap.borrowed import MOST, Borrowed, with_mouth
from catchlight.generator.swap.expression import landmarks_of, opening
from catchlight.generator.swap.faces import Faces

EYES = list(lm.LEFT_EYE + lm.RIGHT_EYE)
LOWER = [14, 17, 84, 87, 88, 91, 95, 178, 181, 314, 317, 318, 321, 324, 402, 405]


def laughing(faces: Faces, count: int) -> Faces:
    """The first ``count`` of these faces with their lower lips a seventh of the picture further down."""
    landmarks = faces.landmarks.copy()
    for point in LOWER:
        landmarks[:count, point, 1] += faces.side / 7
    return Faces(faces.images, landmarks, faces.people)


def off(image: np.ndarray, faces: Faces) -> float:
    """How far the region of the eyes is from the nearest of these."""
    (left, top), (right, bottom) = (
        edge(faces.landmarks[0][EYES], axis=0).astype(int) for edge in (np.min, np.max)
    )
    eyes = slice(top, bottom), slice(left, right)
    return min(float(np.abs(image[eyes].astype(int) - one[eyes]).mean()) for one in faces.images)


def test_people_with_the_same_mouths_borrow_nothing(people):
    assert Borrowed(people("a", 64, 8), people("b", 64, 8)).share == 0


@pytest.mark.parametrize(("count", "share"), [(1, 0.1), (2, 0.2), (4, MOST)])
def test_as_much_is_borrowed_as_the_other_shows(count, share, people):
    serious, other = people("a", 64, 10), laughing(people("b", 64, 10), count)
    assert Borrowed(serious, other).share == pytest.approx(share)
    assert Borrowed(other, serious).share == 0


def test_a_borrowed_mouth_is_the_others_and_the_rest_the_persons_own(people):
    serious, other = people("a", 64, 10), laughing(people("b", 64, 10), 2)
    borrowed = Borrowed(serious, other)
    made = [borrowed.draw(np.random.default_rng(seed)) for seed in range(4)]
    assert all(opening(one.landmarks) > opening(serious.landmarks[0]) + 0.05 for one in made)
    assert all(off(one.image, serious) < 0.1 * off(one.image, other) for one in made)
    again = borrowed.draw(np.random.default_rng(3))
    assert (again.image == made[3].image).all()


def test_heads_turned_otherwise_lend_nothing(people):
    serious, other = people("a", 64, 10), laughing(people("b", 64, 10), 2)
    other.landmarks[:2, lm.NOSE_TIP, 0] += 14
    assert Borrowed(serious, other).share == 0


def test_whoever_looks_for_the_mouth_finds_it_open(astronaut, astronaut_face):
    face = frame.cut(astronaut, astronaut_face.landmarks, 256)
    dark = cv2.convertScaleAbs(face.image, alpha=0.5)
    moves = np.zeros_like(face.landmarks)
    jaw = [
        *LOWER,
        *(point for point in lm.FACE_OVAL if face.landmarks[point, 1] > face.landmarks[LOWER].max()),
    ]
    moves[jaw, 1] = 18
    opened = with_mouth(face, type(face)(dark, face.landmarks), moves)
    before, after = landmarks_of([face.image, opened.image])
    assert opening(after) > opening(before) + 0.02
    assert np.abs(after[EYES] - before[EYES]).mean() < 3
