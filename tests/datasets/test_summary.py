"""Counts, quantiles, and a sheet on which the pictures of each group can be seen."""

import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import summary
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError

ROWS = [
    Sample("a.png", "real", source="web", identity="ann", split="train", face_width=100.0, yaw=-10.0),
    Sample("b.png", "real", source="web", identity="ann", split="train", face_width=120.0),
    Sample("c.png", "fake", method="swap", split="val", face_width=140.0, yaw=10.0),
]


def test_counts_are_by_value_the_most_frequent_first():
    assert list(summary.tally(ROWS, "label").items()) == [("real", 2), ("fake", 1)]
    assert summary.tally(ROWS, "method") == {"(none)": 2, "swap": 1}
    assert summary.people(ROWS) == 2
    assert summary.people([Sample(f"{i}.png", "real", clip="talk") for i in range(3)]) == 1


def test_quantiles_are_of_what_was_measured():
    assert summary.quantiles(ROWS, "face_width")[2] == 120.0
    assert summary.quantiles(ROWS, "yaw") == pytest.approx((-9, -5, 0, 5, 9))
    assert summary.quantiles(ROWS, "pitch") == summary.quantiles(ROWS, "sharpness") == ()


def test_a_sheet_has_a_row_for_each_group_with_its_pictures(tmp_path):
    for row, colour in zip(ROWS, ((255, 0, 0), (0, 255, 0), (0, 0, 255)), strict=True):
        Image.fromarray(np.full((40, 80, 3), colour, np.uint8)).save(tmp_path / row.path)
    drawn = summary.sheet(tmp_path, ROWS, columns=3, side=32)
    row = summary.TITLE + 32
    assert drawn.shape == (2 * row, 96, 3)
    tiles = drawn[summary.TITLE + 8, [16, 48, 80]], drawn[row + summary.TITLE + 8, [16, 48, 80]]
    assert tiles[0].tolist() == [[255, 0, 0], [0, 255, 0], [255, 255, 255]]
    assert tiles[1].tolist() == [[0, 0, 255], [255, 255, 255], [255, 255, 255]]
    assert (drawn[: summary.TITLE] < 128).any()
    assert np.array_equal(drawn, summary.sheet(tmp_path, ROWS, columns=3, side=32))


def test_pictures_of_a_large_group_are_taken_evenly(tmp_path):
    rows = [Sample(f"{value}.png", "real") for value in range(100)]
    for value, row in enumerate(rows):
        cv2.imwrite(str(tmp_path / row.path), np.full((8, 8, 3), value, np.uint8))
    drawn = summary.sheet(tmp_path, rows, columns=4, side=8)
    assert drawn[-1, [4, 12, 20, 28], 0].tolist() == [0, 33, 66, 99]


def test_no_rows_and_missing_pictures_are_errors(tmp_path):
    with pytest.raises(DataError, match="no rows to show"):
        summary.sheet(tmp_path, [])
    with pytest.raises(DataError, match=r"a\.png is missing or damaged"):
        summary.sheet(tmp_path, ROWS)
