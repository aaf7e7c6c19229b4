"""Finding faces: small ones, large ones, several, none; and without TensorFlow."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.faces import FaceFinder, overlap
from catchlight.detector.types import Box


@pytest.fixture(scope="module")
def finder():
    with FaceFinder() as finder:
        yield finder


@pytest.fixture(scope="module")
def scene():
    """A dull street of 1280 x 720: grain on grey, to paste photographs into."""
    return np.clip(np.random.default_rng(1).normal(120, 6, (720, 1280, 3)), 0, 255).astype(np.uint8)


def pasted(scene, picture, left, top):
    image = scene.copy()
    image[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return image


def centre(face):
    return np.array([face.box.x + face.box.width / 2, face.box.y + face.box.height / 2])


def test_finds_the_face_of_a_photograph(astronaut_face):
    face = astronaut_face
    assert 0.5 <= face.confidence <= 1
    assert (face.landmarks.shape, face.landmarks.dtype) == ((lm.COUNT, 2), np.float32)
    assert np.hypot(*(centre(face) - (226, 118))) < 12
    assert 80 < face.box.width < 120


def test_box_is_the_bounds_of_the_landmarks(astronaut_face):
    assert astronaut_face.box == lm.bounds(astronaut_face.landmarks[:468])


@pytest.mark.parametrize("width", [60, 80, 150])
def test_finds_a_small_face(width, finder, scene, astronaut, astronaut_face):
    """60 px is 8 % of the picture's height: the people of a street or stage."""
    scale = width / astronaut_face.box.width
    small = cv2.resize(astronaut[:280, :400], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    (face,) = finder.find(pasted(scene, small, 620, 200))
    assert face.box.width == pytest.approx(width, rel=0.12)
    expected = astronaut_face.landmarks * scale + (620, 200)
    assert np.abs(face.landmarks - expected).mean() < 0.04 * width


def test_finds_a_face_that_fills_the_picture(finder, astronaut, astronaut_face):
    box = astronaut_face.box
    left, top = round(box.x), round(box.y) - 10
    tight = np.ascontiguousarray(
        astronaut[top : top + round(box.height) + 14, left : left + round(box.width)]
    )
    large = cv2.resize(tight, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    (face,) = finder.find(large)
    expected = (astronaut_face.landmarks - (left, top)) * 4
    assert np.abs(face.landmarks - expected).mean() < 0.05 * large.shape[1]


def test_finds_two_people_the_larger_first(finder, scene, astronaut):
    near, far = astronaut[:400, 60:400], cv2.resize(astronaut[:400, 60:400], None, fx=0.75, fy=0.75)
    faces = finder.find(pasted(pasted(scene, near, 100, 100), far, 800, 200))
    assert len(faces) == 2
    assert faces[0].box.width > 1.2 * faces[1].box.width
    assert faces[0].box.x < 500 < faces[1].box.x


def test_landmarks_move_with_the_picture(finder, scene, astronaut):
    person = astronaut[:400, 60:400]
    (first,) = finder.find(pasted(scene, person, 100, 40))
    (second,) = finder.find(pasted(scene, person, 617, 203))
    assert np.abs(second.landmarks - first.landmarks - (517, 163)).mean() < 1.5


@pytest.mark.parametrize("angle", [-25, 25])
def test_finds_a_tilted_face(angle, finder, astronaut, astronaut_face):
    affine = cv2.getRotationMatrix2D((226.0, 150.0), angle, 1.0)
    turned = cv2.warpAffine(astronaut, affine, (512, 512), borderMode=cv2.BORDER_REFLECT_101)
    (face,) = finder.find(turned)
    assert np.rad2deg(lm.roll(face.landmarks) - lm.roll(astronaut_face.landmarks)) == pytest.approx(
        -angle, abs=3
    )


@pytest.mark.parametrize("kind", ["black", "white", "noise", "ramp", "street", "pixel", "sliver"])
def test_finds_nobody_where_nobody_is(kind, finder, scene):
    rng = np.random.default_rng(2)
    ramp = np.repeat(np.tile(np.linspace(0, 255, 400).astype(np.uint8), (300, 1))[..., None], 3, axis=2)
    pictures = {
        "black": np.zeros((300, 400, 3), np.uint8),
        "white": np.full((300, 400, 3), 255, np.uint8),
        "noise": rng.integers(0, 256, (300, 400, 3), np.uint8),
        "ramp": ramp,
        "street": scene,
        "pixel": np.full((1, 1, 3), 128, np.uint8),
        "sliver": np.full((3, 900, 3), 128, np.uint8),
    }
    assert finder.find(pictures[kind]) == ()


def test_the_same_picture_gives_the_same_faces(finder, astronaut):
    first, second = finder.find(astronaut), finder.find(astronaut)
    assert np.array_equal(first[0].landmarks, second[0].landmarks)


def test_a_view_is_read_and_left_alone(finder, astronaut):
    picture = astronaut.copy()
    faces = finder.find(picture[:, ::-1])
    assert len(faces) == 1
    assert np.array_equal(picture, astronaut)


@pytest.mark.parametrize("moved", [(0, 0), (12, -8), (30, 20)])
def test_an_expected_face_is_placed_as_a_search_would(moved, finder, scene, astronaut):
    person = astronaut[:400, 60:400]
    before = finder.find(pasted(scene, person, 400, 100))
    now = pasted(scene, person, 400 + moved[0], 100 + moved[1])
    (again,), (searched,) = finder.find(now, expected=before), finder.find(now)
    apart = np.linalg.norm(again.landmarks - searched.landmarks, axis=1).mean()
    assert apart < 0.03 * np.linalg.norm(searched.landmarks[33] - searched.landmarks[263])
    assert overlap(again.box, searched.box) > 0.9
    assert again.box == lm.bounds(again.landmarks[:468])


def test_an_expected_face_that_is_gone_is_not_made_up(finder, scene, astronaut):
    before = finder.find(pasted(scene, astronaut[:400, 60:400], 400, 100))
    assert finder.find(scene, expected=before) == ()
    (other,) = finder.find(pasted(scene, astronaut[:400, 60:400], 900, 300), expected=before)
    assert other.box.x > 900


def test_closing_twice_is_fine():
    finder = FaceFinder()
    finder.close()
    finder.close()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Box(0, 0, 2, 2), 1),
        (Box(1, 0, 2, 2), 1 / 3),
        (Box(2, 0, 2, 2), 0),
        (Box(5, 5, 1, 1), 0),
        (Box(0, 0, 0, 0), 0),
    ],
)
def test_overlap_is_intersection_over_union(other, expected):
    assert overlap(Box(0, 0, 2, 2), other) == pytest.approx(expected)
    assert overlap(other, Box(0, 0, 2, 2)) == pytest.approx(expected)


def test_loads_no_tensorflow_and_writes_nothing():
    code = (
        "import sys, numpy as np\nfrom catchlight.detector.faces import FaceFinder\n"
        "with FaceFinder() as finder:\n    finder.find(np.zeros((64, 64, 3), np.uint8))\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('tensorflow', 'keras', 'jax')]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shape", [(1, 40_000), (40_000, 1), (700, 70_000), (2, 2), (1, 1)])
def test_odd_shapes_hold_no_face_and_end_nothing(finder, shape):
    assert finder.find(np.full((*shape, 3), 120, np.uint8), thorough=True) == ()


def test_a_face_in_a_very_long_picture_is_found_in_its_place(finder, astronaut):
    strip = np.full((512, 36_000, 3), 120, np.uint8)
    strip[:, 200:712] = astronaut
    for face in finder.find(strip, thorough=True):
        assert 350 < face.box.x < 450


def test_a_face_that_fills_a_huge_picture_is_found(finder, astronaut):
    large = cv2.resize(astronaut[40:210, 150:310], (5_000, 5_300))
    (face,) = finder.find(large)
    assert 2_000 < face.box.width < 4_500
