"""The contract lets honest detectors pass, and names the rule that a broken one breaks."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from catchlight.detector.errors import ContractError, UnknownName
from catchlight.detector.testing import check_detector, sample_crops


def means(crops):
    return np.array([crop.image.mean() / 255 for crop in crops])


def detector(score, **attributes):
    return type("Theirs", (), {"score": lambda self, crops: score(crops), **attributes})


def darken(crops):
    for crop in crops:
        crop.image[:] = crop.image // 2
    return np.full(len(crops), 0.5)


def counting():
    ticks = itertools.count()
    return lambda crops: np.array([next(ticks) % 7 / 7 for _ in crops])


def over_time(crops):
    return np.full(len(crops), float(np.mean(means(crops)))) if len(crops) else np.empty(0)


BROKEN = {
    "a list": (lambda crops: [0.5] * len(crops), "must return an array of shape"),
    "one for all": (lambda crops: np.array([0.5]), r"of shape \(8,\); received shape \(1,\)"),
    "a column": (lambda crops: np.full((len(crops), 1), 0.5), "must return an array of shape"),
    "labels": (lambda crops: np.ones(len(crops), np.int64), "must be floating point"),
    "logits": (lambda crops: 8 * means(crops) - 4, "from 0 to 1"),
    "not finite": (lambda crops: means(crops) * np.nan, "must be finite"),
    "one for none": (
        lambda crops: means(crops) if len(crops) else np.array([0.5]),
        r"of shape \(0,\); received shape \(1,\)",
    ),
    "draws on the crops": (darken, "must leave the crops as they were"),
    "draws lots": (counting(), "must give the same scores"),
    "knows one side": (
        lambda crops: means(crops) + 2 * any(crop.image.shape[0] < 224 for crop in crops),
        "from 0 to 1",
    ),
    "looks at neighbours": (over_time, "must depend on that crop alone.*temporal = True"),
}


def test_an_honest_detector_passes_as_object_and_as_factory():
    check_detector(detector(means))
    check_detector(detector(means)())
    check_detector(lambda: detector(means)())


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_detector_is_told_its_rule(name):
    score, rule = BROKEN[name]
    with pytest.raises(ContractError, match=rule):
        check_detector(detector(score))


def test_a_detector_over_time_says_so():
    check_detector(detector(over_time, temporal=True))


@pytest.mark.parametrize(
    ("heatmaps", "rule"),
    [
        (lambda n: np.zeros((n, 4, 4), np.float32), None),
        (lambda n: None, None),
        (lambda n: np.zeros((n, 16), np.float32), "must have shape"),
        (lambda n: np.full((n, 4, 4), 2.0, np.float32), "from 0 to 1"),
    ],
)
def test_heatmaps_are_part_of_the_contract(heatmaps, rule):
    theirs = detector(means, explain=lambda self, crops: (means(crops), heatmaps(len(crops))))
    if rule is None:
        check_detector(theirs)
    else:
        with pytest.raises(ContractError, match=rule):
            check_detector(theirs)


def test_what_cannot_score_is_told():
    with pytest.raises(ContractError, match=r"must have a method score\(crops\); int has none"):
        check_detector(3)
    with pytest.raises(UnknownName):
        check_detector("no-such-detector")


def test_sample_crops_are_the_same_every_time_and_of_any_side():
    for side in (64, 224):
        first, second = sample_crops(side), sample_crops(side)
        assert all(crop.image.shape == (side, side, 3) for crop in first)
        assert all(np.array_equal(a.image, b.image) for a, b in zip(first, second, strict=True))
        assert all(np.all((crop.landmarks > 0) & (crop.landmarks < side)) for crop in first)
