"""The crop's geometry: the same face gives the same crop wherever, however large and however turned it is."""

import cv2
import numpy as np
import pytest

from catchlight.detector import align
from catchlight.detector import landmarks as lm
from catchlight.detector.align import Jitter
from catchlight.detector.errors import ConfigError

SIDE = 160


@pytest.fixture(scope="module")
def reference(astronaut, astronaut_face):
    return align.cut(astronaut, astronaut_face.landmarks, SIDE)


def warped(image, landmarks, affine, size):
    moved = cv2.warpAffine(image, affine, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return moved, (landmarks @ affine[:, :2].T + affine[:, 2]).astype(np.float32)


def apart(a, b):
    return float(np.abs(a.astype(int) - b).mean())


def test_eyes_lie_level_and_the_face_in_the_middle(reference):
    _, points = reference
    assert lm.roll(points) == pytest.approx(0, abs=1e-4)
    box = lm.bounds(points[:468])
    assert box.x + box.width / 2 == pytest.approx(SIDE / 2, abs=0.1)
    assert max(box.width, box.height) * align.MARGIN == pytest.approx(SIDE, rel=1e-3)


def test_pixels_and_landmarks_move_together(astronaut, astronaut_face, reference):
    marked = astronaut.copy()
    for name in (lm.NOSE_TIP, lm.CHIN, 33, 263):
        cv2.circle(
            marked, tuple(astronaut_face.landmarks[name].round().astype(int).tolist()), 2, (0, 255, 0), -1
        )
    crop, points = align.cut(marked, astronaut_face.landmarks, SIDE)
    changed = np.abs(crop.astype(int) - reference[0]).max(axis=2)
    for name in (lm.NOSE_TIP, lm.CHIN, 33, 263):
        x, y = points[name].round().astype(int)
        assert changed[y, x] > 60


@pytest.mark.parametrize("angle", [-170, -60, -15, 20, 90])
def test_a_turned_picture_gives_the_same_crop(angle, astronaut, astronaut_face, reference):
    centre = astronaut_face.landmarks[lm.NOSE_TIP]
    affine = cv2.getRotationMatrix2D(tuple(map(float, centre)), angle, 1.0)
    affine[:, 2] += 256 - centre
    crop, points = align.cut(*warped(astronaut, astronaut_face.landmarks, affine, (512, 512)), SIDE)
    assert np.abs(points - reference[1]).max() < 0.05
    assert apart(crop, reference[0]) < 4


@pytest.mark.parametrize("factor", [0.8, 1.5, 2.0, 4.0])
def test_a_scaled_picture_gives_nearly_the_same_crop(factor, astronaut, astronaut_face, reference):
    affine = np.array([[factor, 0, 0], [0, factor, 0]])
    size = (round(512 * factor), round(512 * factor))
    crop, points = align.cut(*warped(astronaut, astronaut_face.landmarks, affine, size), SIDE)
    assert np.abs(points - reference[1]).max() < 0.05
    assert apart(crop, reference[0]) < 5


def test_a_shifted_picture_gives_the_same_crop(astronaut, astronaut_face, reference):
    shifted = cv2.copyMakeBorder(astronaut, 40, 0, 90, 0, cv2.BORDER_REFLECT_101)
    crop, points = align.cut(shifted, astronaut_face.landmarks + np.float32([90, 40]), SIDE)
    assert np.abs(points - reference[1]).max() < 0.01
    assert apart(crop, reference[0]) < 0.5


def test_flip_mirrors_crop_and_landmarks(astronaut, astronaut_face, reference):
    crop, points = align.cut(astronaut, astronaut_face.landmarks, SIDE, Jitter(flip=True))
    assert apart(crop, reference[0][:, ::-1]) < 0.5
    assert np.allclose(points[:, 0], SIDE - 1 - reference[1][:, 0], atol=1e-3)
    assert np.allclose(points[:, 1], reference[1][:, 1], atol=1e-3)


def test_jitter_moves_scales_and_turns(astronaut_face, astronaut, reference):
    points = astronaut_face.landmarks
    _, shifted = align.cut(astronaut, points, SIDE, Jitter(shift=(0.1, -0.05)))
    assert np.allclose(shifted - reference[1], (-0.1 * SIDE, 0.05 * SIDE), atol=0.01)
    _, wide = align.cut(astronaut, points, SIDE, Jitter(scale=2.0))
    assert np.ptp(wide, axis=0) == pytest.approx(np.ptp(reference[1], axis=0) / 2, rel=1e-3)
    _, turned = align.cut(astronaut, points, SIDE, Jitter(angle=0.2))
    assert lm.roll(turned) == pytest.approx(-0.2, abs=1e-4)


@pytest.mark.parametrize("factor", [3, 4])
def test_a_large_picture_does_not_alias(factor, astronaut_face):
    """A pattern finer than the crop's pixels must come out as even grey, not as waves."""
    board = np.uint8([[0, 255], [255, 0]])
    pattern = np.repeat(np.tile(board, (256 * factor, 256 * factor))[..., None], 3, axis=2)
    crop, _ = align.cut(pattern, astronaut_face.landmarks * factor, SIDE)
    assert crop.std() < 4
    assert float(crop.mean()) == pytest.approx(127.5, abs=1)


def test_outside_the_picture_the_border_is_mirrored(astronaut, astronaut_face):
    landmarks = astronaut_face.landmarks
    box = astronaut_face.box
    left, top = round(box.x), round(box.y)
    tight = astronaut[top : top + round(box.height), left : left + round(box.width)]
    crop, _ = align.cut(np.ascontiguousarray(tight), landmarks - np.float32([left, top]), SIDE)
    assert (crop.max(axis=2) > 0).mean() > 0.99


def test_inside_is_the_share_that_is_not_border(astronaut, astronaut_face):
    landmarks = astronaut_face.landmarks
    padded = np.pad(astronaut, ((200, 200), (200, 200), (0, 0)))
    assert align.inside(padded, landmarks + 200, SIDE) == pytest.approx(1.0, abs=1e-3)
    box = astronaut_face.box
    corner = np.float32([box.x + box.width / 2, box.y + box.height / 2])
    assert align.inside(padded, landmarks - corner, SIDE) == pytest.approx(0.25, abs=0.03)
    assert align.inside(padded, landmarks + 5000, SIDE) == 0


@pytest.mark.parametrize("angle", [0.0, 0.7])
def test_inside_counts_a_turned_crop(angle, astronaut, astronaut_face):
    """A crop so wide that the whole picture lies in it: what is inside is the picture's own area."""
    jitter = Jitter(angle=angle, scale=10.0)
    area = 512**2 * np.linalg.det(align.matrix(astronaut_face.landmarks, SIDE, jitter)[:, :2])
    share = align.inside(astronaut, astronaut_face.landmarks, SIDE, jitter)
    assert share == pytest.approx(area / SIDE**2, rel=1e-3)


@pytest.mark.parametrize(("side", "shape"), [(8, (478, 2)), (160, (68, 2)), (160, (478, 3))])
def test_what_is_no_face_or_too_small_is_refused(side, shape, astronaut):
    with pytest.raises(ConfigError, match="side of at least 16"):
        align.cut(astronaut, np.ones(shape, np.float32), side)


def test_crops_are_uint8_of_the_side_and_landmarks_float32(reference):
    crop, points = reference
    assert (crop.dtype, crop.shape) == (np.uint8, (SIDE, SIDE, 3))
    assert (points.dtype, points.shape) == (np.float32, (lm.COUNT, 2))


def test_a_face_in_a_very_long_picture_is_cut_as_elsewhere(astronaut, astronaut_face):
    strip = np.full((512, 34_000, 3), 120, np.uint8)
    strip[:, 20_000:20_512] = astronaut
    crop, points = align.cut(strip, astronaut_face.landmarks + np.array([20_000, 0], np.float32), 96)
    expected, expected_points = align.cut(astronaut, astronaut_face.landmarks, 96)
    assert np.abs(crop.astype(int) - expected).mean() < 1
    assert np.abs(points - expected_points).max() < 0.1
