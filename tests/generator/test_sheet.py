"""A contact sheet shows the face, what is put in, and beside each forgery its mask."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.landmarks import COUNT
from catchlight.generator import sheet
from catchlight.generator.methods.face_swap import FaceSwap
from catchlight.generator.types import Forgery, Portrait


def whitened(target, source, rng):
    mask = np.zeros(target.image.shape[:2], np.float32)
    mask[:4] = 1
    mask[4] = 0.5
    return Forgery(np.where(mask[..., None] == 1, 255, target.image).astype(np.uint8), mask)


def drawn_level(target, source, rng):
    mask = np.ones(target.image.shape[:2], np.float32)
    return Forgery(np.full_like(target.image, rng.integers(256)), mask)


class Pasted:
    needs_source = True

    def __call__(self, target, source, rng):
        return Forgery(source.image, np.ones(target.image.shape[:2], np.float32))


def face(level):
    return Portrait(np.full((32, 32, 3), level, np.uint8), np.full((COUNT, 2), 16, np.float32))


def test_sheet_has_a_row_for_each_title_with_the_face_first():
    drawn = sheet.draw(face(90), {"first": [whitened] * 2, "second": [whitened] * 2})
    assert drawn.shape == (2 * (32 + sheet.TITLE), 6 * 32, 3)
    row = drawn[sheet.TITLE : sheet.TITLE + 32]
    assert np.array_equal(row[:, :32], face(90).image)
    assert (row[:, 32:64] == 255).all()  # nothing is put in
    assert (row[:4, 64:96] == 255).all()
    assert (row[5:, 64:96] == 90).all()


def test_a_mask_is_white_with_its_boundary_in_colour():
    tile = sheet.draw(face(90), {"first": [whitened]})[sheet.TITLE :, 96:128]
    assert (tile[:4] == 255).all()
    assert (tile[4] == sheet.SEAM).all()
    assert (tile[5:] == 0).all()


def test_the_source_is_shown_where_it_is_put_in():
    drawn = sheet.draw(face(90), {"swap": [Pasted()]}, face(200))
    row = drawn[sheet.TITLE :]
    assert (row[:, 32:96] == 200).all()


def test_columns_vary_unless_one_key_is_asked_for():
    rows = {"level": [drawn_level] * 3}
    varied, fixed = (sheet.draw(face(90), rows, vary=vary)[-1, [64, 128, 192], 0] for vary in (True, False))
    assert len(set(varied.tolist())) > 1
    assert len(set(fixed.tolist())) == 1


def test_a_method_that_needs_a_source_says_so():
    with pytest.raises(ConfigError, match="needs a source"):
        sheet.draw(face(90), {"swap": [FaceSwap()]})
