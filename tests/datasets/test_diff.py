"""What was added, removed or changed is told by path and column; nothing is told of what is alike."""

from dataclasses import replace

import numpy as np
import pytest

from catchlight.datasets import manifest
from catchlight.datasets.diff import compare
from catchlight.datasets.faces import LANDMARKS
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError

OLD = [Sample("a.jpg", "real", split="train", yaw=1.0), Sample("b.jpg", "fake"), Sample("c.jpg", "real")]


def written(folder, samples, name=manifest.FILENAME):
    folder.mkdir(exist_ok=True)
    manifest.write(folder / name, samples)
    return folder


def test_the_same_rows_in_another_order_and_form_are_alike(tmp_path):
    a = written(tmp_path / "a", OLD)
    b = written(tmp_path / "b", OLD[::-1], manifest.PARQUET)
    found = compare(a, b)
    assert not found
    assert found.same == 3


def test_changes_are_told_by_path_and_column(tmp_path):
    new = [Sample("d.jpg", "real"), OLD[1], replace(OLD[0], split="val", yaw=None)]
    found = compare(written(tmp_path / "a", OLD), written(tmp_path / "b", new))
    assert found
    assert (found.added, found.removed, found.same) == (("d.jpg",), ("c.jpg",), 1)
    (change,) = found.changed
    assert change.path == "a.jpg"
    assert change.columns == {"split": ("train", "val"), "yaw": ("1.0", "")}
    assert found.by_column() == {"split": 1, "yaw": 1}


def test_landmarks_of_stores_are_compared_by_path(tmp_path):
    points = np.random.default_rng(3).random((3, 478, 2)).astype(np.float32)
    a, b = written(tmp_path / "a", OLD), written(tmp_path / "b", OLD[::-1])
    np.save(a / LANDMARKS, points)
    np.save(b / LANDMARKS, points[::-1])
    assert not compare(a, b)
    points[1, 7, 0] += 1
    np.save(b / LANDMARKS, points[::-1])
    assert compare(a, b).by_column() == {"landmarks": 1}
    np.save(b / LANDMARKS, points[:2])
    assert compare(a, b).by_column() == {"landmarks": 3}


def test_a_missing_manifest_is_an_error(tmp_path):
    with pytest.raises(DataError, match="no manifest"):
        compare(written(tmp_path / "a", OLD), tmp_path / "absent")
