"""Reflections: taken away, moved together, or moved apart, inside the irises and nowhere else."""

import cv2
import numpy as np
import pytest

from catchlight.detector import align
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import UnknownName
from catchlight.generator.methods.eye_reflections import ACTIONS, EyeReflections
from catchlight.generator.types import Portrait, key

SIDE = 512


@pytest.fixture(scope="module")
def lit(astronaut, astronaut_face):
    """The face with dark irises and a highlight up left in each."""
    image, points = align.cut(astronaut, astronaut_face.landmarks, SIDE)
    image = image.copy()
    for iris in (lm.RIGHT_IRIS, lm.LEFT_IRIS):
        (x, y), radius = points[iris[0]], np.linalg.norm(points[iris[1]] - points[iris[0]])
        cv2.circle(image, (round(float(x)), round(float(y))), round(float(radius)), (50, 40, 35), -1)
        cv2.circle(image, (round(float(x - 3)), round(float(y - 3))), 2, (255, 255, 255), -1)
    return Portrait(image, points)


def spots(image, points):
    """For each eye the place of its brightest spot from the iris' centre, and how bright it is."""
    found = []
    for iris in (lm.RIGHT_IRIS, lm.LEFT_IRIS):
        x, y = points[iris[0]].round().astype(int)
        part = cv2.GaussianBlur(image[y - 6 : y + 7, x - 6 : x + 7].mean(axis=2), (0, 0), 1)
        row, column = np.unravel_index(part.argmax(), part.shape)
        found.append((np.array([column - 6, row - 6]), float(part.max())))
    return found


def test_removed_highlights_are_gone(lit):
    made = EyeReflections("removed", hardness=0.0)(lit, None, key(1, "a"))
    for (_, before), (_, after) in zip(
        spots(lit.image, lit.landmarks), spots(made.image, lit.landmarks), strict=True
    ):
        assert after < before - 60


def test_moved_highlights_agree_and_differing_ones_do_not(lit):
    for seed in range(5):
        for action, agree in (("moved", True), ("differing", False)):
            made = EyeReflections(action, hardness=0.0)(lit, None, key(seed, action))
            (right, light), (left, _) = spots(made.image, lit.landmarks)
            assert light > 130
            assert (np.linalg.norm(right - left) < 2.5) == agree


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_but_the_irises_changes(action, portrait):
    made = EyeReflections(action)(portrait, None, key(1, "a"))
    centres = portrait.landmarks[[lm.RIGHT_IRIS[0], lm.LEFT_IRIS[0]]]
    y, x = np.nonzero(made.mask)
    away = np.linalg.norm(np.stack([x, y], axis=1)[:, None] - centres[None], axis=2).min(axis=1)
    assert away.max() < 6
    assert np.array_equal(made.image[made.mask == 0], portrait.image[made.mask == 0])
    assert 4 < (made.mask > 0).sum() < 160


def test_eyes_at_the_border_and_outside_the_picture_are_no_error(portrait):
    for shift in ((-70, 0), (0, -70), (-400, 0)):
        aside = Portrait(portrait.image, portrait.landmarks + np.float32(shift))
        made = EyeReflections("moved")(aside, None, key(1, "a"))
        assert made.image.shape == portrait.image.shape


def test_an_unknown_action_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="did you mean 'moved'"):
        EyeReflections("mooved")
