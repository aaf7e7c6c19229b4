"""The parted network gives MediaPipe's own landmarks, at any size and turn, and nothing where no face is."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.blaze import SHORT_RANGE, BlazeFace
from catchlight.detector.cues.regions import eye_distance
from catchlight.detector.faces import FaceFinder
from catchlight.detector.mesh import Mesh


@pytest.fixture(scope="module")
def mesh():
    return Mesh()


@pytest.fixture(scope="module")
def portrait(astronaut):
    """The photograph enlarged, so that an iris has 20 px, and its landmarks."""
    near = cv2.resize(astronaut[0:290, 80:370], (640, 640), interpolation=cv2.INTER_CUBIC)
    with FaceFinder() as finder:
        (face,) = finder.find(near)
    return SimpleNamespace(image=near, landmarks=face.landmarks)


def turned(portrait, angle: float, scale: float):
    """The portrait turned about its middle, and its landmarks in it."""
    side = round(640 * scale)
    affine = cv2.getRotationMatrix2D((320.0, 320.0), angle, scale)
    affine[:, 2] += side / 2 - 320
    image = cv2.warpAffine(portrait.image, affine, (side, side), flags=cv2.INTER_AREA)
    return image, (portrait.landmarks @ affine[:, :2].T + affine[:, 2]).astype(np.float32)


@pytest.mark.parametrize(("angle", "scale"), [(0, 1.0), (25, 0.5), (-20, 2.5)])
def test_landmarks_are_those_of_the_face_finder(portrait, mesh, angle, scale):
    image, truth = turned(portrait, angle, scale)
    # As a follower does: what was found is where the next picture is looked at.
    first = mesh.see(image, truth)
    glance = mesh.see(image, first.landmarks)
    away = np.linalg.norm(glance.landmarks - truth, axis=1) / eye_distance(truth)
    assert np.median(away) < 0.025
    for part in (lm.RIGHT_EYE, lm.LEFT_EYE, lm.RIGHT_IRIS, lm.LEFT_IRIS, lm.LIPS):
        assert away[list(part)].max() < 0.06


def test_what_the_network_saw_fits_its_landmarks(portrait, mesh):
    glance = mesh.see(portrait.image, portrait.landmarks)
    assert glance.image.shape == (192, 192, 3)
    right, left = lm.eye_centres(glance.inner)
    assert right[1] == pytest.approx(left[1], abs=2)  # eyes level
    for point in (lm.NOSE_TIP, lm.CHIN):
        x, y = np.round(glance.inner[point]).astype(int)
        u, v = np.round(glance.landmarks[point]).astype(int)
        assert np.abs(glance.image[y, x].astype(int) - portrait.image[v, u]).max() < 30


def test_the_same_picture_gives_the_same_landmarks(portrait, mesh):
    first, second = (mesh.see(portrait.image, portrait.landmarks) for _ in range(2))
    assert np.array_equal(first.landmarks, second.landmarks)


def test_a_face_that_moved_a_little_is_found(portrait, mesh):
    moved = np.roll(portrait.image, (12, -18), axis=(0, 1))
    glance = mesh.see(moved, portrait.landmarks)
    shift = np.median(glance.landmarks - portrait.landmarks, axis=0)
    assert shift == pytest.approx((-18, 12), abs=1.5)


def test_a_place_that_a_detector_found_serves_as_well_as_known_landmarks(portrait, mesh):
    found = BlazeFace(SHORT_RANGE).find(portrait.image)[0]
    glance = mesh.look(portrait.image, found.box, found.angle)
    again = mesh.see(portrait.image, portrait.landmarks)
    away = np.linalg.norm(glance.landmarks - again.landmarks, axis=1) / eye_distance(portrait.landmarks)
    assert away.mean() < 0.03


def test_no_face_gives_nothing(portrait, mesh):
    assert mesh.see(np.full_like(portrait.image, 100), portrait.landmarks) is None
    assert mesh.see(portrait.image, portrait.landmarks + 5000) is None
