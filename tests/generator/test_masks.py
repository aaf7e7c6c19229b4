"""Masks: every kind lies on the face and covers the part that it is named after."""

import cv2
import numpy as np
import pytest

from catchlight.detector import align
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import UnknownName
from catchlight.generator import masks
from catchlight.generator.types import key

SIDE = 192


@pytest.fixture(scope="module")
def points(astronaut, astronaut_face):
    return align.cut(astronaut, astronaut_face.landmarks, SIDE)[1]


def covered(mask, points, names):
    """Share of the named landmarks that lie in the mask."""
    x, y = points[list(names)].round().astype(int).clip(0, SIDE - 1).T
    return float((mask[y, x] > 0).mean())


@pytest.mark.parametrize("kind", masks.KINDS)
def test_every_kind_is_a_part_of_the_face(kind, points):
    oval = np.zeros((SIDE, SIDE), np.float32)
    cv2.fillConvexPoly(oval, cv2.convexHull(points[:468]).round().astype(np.int32), 1.0)
    for seed in range(10):
        mask = masks.hull(kind, points, SIDE, key(seed, kind))
        assert (mask.dtype, mask.shape) == (np.float32, (SIDE, SIDE))
        assert set(np.unique(mask)) == {0.0, 1.0}
        assert 0.02 < mask.sum() / oval.sum() < 1.3
        assert (mask * oval).sum() / mask.sum() > (0.75 if kind == "extended" else 0.88)


@pytest.mark.parametrize(
    ("kind", "names", "left_out"),
    [
        ("whole", lm.LIPS + lm.LEFT_EYE + lm.RIGHT_EYE + lm.NOSE, ()),
        ("extended", lm.LIPS + lm.LEFT_EYE + lm.RIGHT_EYE + lm.NOSE, ()),
        ("no_forehead", lm.LIPS + lm.LEFT_EYE + lm.RIGHT_EYE + lm.NOSE, (lm.FOREHEAD,)),
        ("components", lm.LIPS + lm.LEFT_EYE + lm.RIGHT_EYE + lm.NOSE, (lm.FOREHEAD, lm.CHIN)),
        ("lower", lm.LIPS, lm.LEFT_EYE + lm.RIGHT_EYE),
        ("mouth", lm.LIPS, (*lm.LEFT_EYE, *lm.RIGHT_EYE, lm.NOSE_TIP, lm.FOREHEAD)),
        ("eyes", lm.LEFT_EYE + lm.RIGHT_EYE, lm.LIPS),
        ("half", (lm.NOSE_TIP,), ()),
    ],
)
def test_a_kind_covers_what_it_is_named_after(kind, names, left_out, points):
    drawn = [masks.hull(kind, points, SIDE, key(seed, kind)) for seed in range(10)]
    assert np.mean([covered(mask, points, names) for mask in drawn]) > (0.4 if kind == "half" else 0.9)
    if left_out:
        assert np.mean([covered(mask, points, left_out) for mask in drawn]) < 0.2


def test_extended_reaches_above_the_landmarks(points):
    whole, extended = (masks.hull(kind, points, SIDE, key(1, "a")) for kind in ("whole", "extended"))
    assert np.flatnonzero(extended.any(axis=1))[0] < np.flatnonzero(whole.any(axis=1))[0] - 5


def test_half_is_now_the_left_and_now_the_right(points):
    middle = points[lm.NOSE_TIP, 0]
    sides = {
        bool(np.nonzero(masks.hull("half", points, SIDE, key(seed, "")))[1].mean() > middle)
        for seed in range(12)
    }
    assert sides == {True, False}


def test_unknown_kind_lists_the_valid_ones(points):
    with pytest.raises(UnknownName, match="unknown mask kind 'mouht'; did you mean 'mouth'"):
        masks.hull("mouht", points, SIDE, key(1, "a"))


def test_all_kinds_are_drawn_about_as_often_as_they_weigh():
    assert set(masks.WEIGHTS) == set(masks.KINDS)
    assert sum(masks.WEIGHTS.values()) == pytest.approx(1)
    rng = key(1, "kinds")
    drawn = [masks.draw_kind(rng) for _ in range(2000)]
    for kind, weight in masks.WEIGHTS.items():
        assert drawn.count(kind) / 2000 == pytest.approx(weight, abs=0.035)


def test_deform_moves_the_edge_a_little(points):
    mask = masks.hull("whole", points, SIDE, key(1, "a"))
    bent = masks.deform(mask, key(2, "b"))
    assert (bent.shape, bent.dtype) == (mask.shape, np.float32)
    assert 0 < np.abs(bent - mask).sum() / mask.sum() < 0.25
    assert np.array_equal(bent, masks.deform(mask, key(2, "b")))


def test_soften_keeps_a_core_and_makes_many_kinds_of_edge(points):
    mask = masks.hull("whole", points, SIDE, key(1, "a"))
    soft = [masks.soften(mask, key(seed, "s")) for seed in range(20)]
    assert all(each.max() == pytest.approx(1) and each.min() >= 0 for each in soft)
    edges = [float(((each > 0.05) & (each < 0.95)).mean()) for each in soft]
    assert max(edges) > 3 * min(edges) > 0
    assert all(each.sum() < 1.25 * mask.sum() for each in soft)


def test_soften_survives_a_mask_smaller_than_its_kernel_and_an_empty_one():
    dot = np.zeros((SIDE, SIDE), np.float32)
    assert not masks.soften(dot, key(1, "s")).any()
    dot[90:93, 90:93] = 1
    assert all(masks.soften(dot, key(seed, "s")).max() == pytest.approx(1) for seed in range(10))


@pytest.mark.parametrize("side", [32, 64, 256])
def test_masks_scale_with_the_crop(side, astronaut, astronaut_face):
    small = align.cut(astronaut, astronaut_face.landmarks, side)[1]
    areas = [float(masks.hull("whole", small, side, key(seed, "a")).mean()) for seed in range(5)]
    assert 0.2 < np.mean(areas) < 0.45
