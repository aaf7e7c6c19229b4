"""A contact sheet shows the face, and beside it each forgery with its mask."""

from __future__ import annotations

import numpy as np

from catchlight.detector.landmarks import COUNT
from catchlight.generator import sheet
from catchlight.generator.types import Forgery, Portrait


def whitened(target, source, rng):
    mask = np.zeros(target.image.shape[:2], np.float32)
    mask[:4] = 1
    return Forgery(np.where(mask[..., None] > 0, 255, target.image).astype(np.uint8), mask)


def test_sheet_has_a_row_for_each_method():
    face = Portrait(np.full((32, 32, 3), 90, np.uint8), np.full((COUNT, 2), 16, np.float32))
    drawn = sheet.draw(face, {"first": whitened, "second": whitened}, columns=2)
    assert drawn.shape == (2 * (32 + sheet.TITLE), 5 * 32, 3)
    row = drawn[sheet.TITLE : sheet.TITLE + 32]
    assert np.array_equal(row[:, :32], face.image)
    assert (row[:4, 32:64] == 255).all()
    assert (row[:4, 64:96] == 255).all()
    assert (row[4:, 64:96] == 0).all()
