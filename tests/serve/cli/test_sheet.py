"""``catchlight generate sheet``: a picture of what methods make of a photograph."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from catchlight.generator.registry import BUILT_IN
from catchlight.serve.cli.main import main

SIDE, TITLE = 64, 18


@pytest.fixture
def photograph(tmp_path, astronaut):
    Image.fromarray(astronaut).save(tmp_path / "face.png")
    return str(tmp_path / "face.png")


def run(*arguments):
    return CliRunner().invoke(main, ["generate", "sheet", *map(str, arguments), "--side", str(SIDE)])


def test_a_sheet_has_a_row_for_each_method_that_is_named(photograph, tmp_path):
    out = tmp_path / "sheet.png"
    result = run(photograph, "--out", out, "--method", "self_blend", "--method", "face_swap")
    assert result.exit_code == 0, result.output
    with Image.open(out) as drawn:
        assert drawn.size == (10 * SIDE, 2 * (SIDE + TITLE))


def test_the_dial_goes_from_strong_to_weak(photograph, tmp_path):
    out = tmp_path / "sheet.png"
    assert run(photograph, "--out", out, "--method", "face_light", "--dial").exit_code == 0
    row = np.asarray(Image.open(out))[TITLE:].astype(int)
    tiles = [row[:, column * SIDE : (column + 1) * SIDE] for column in (0, 2, 4, 6, 8)]
    change = [np.abs(tile - tiles[0]).mean() for tile in tiles[1:]]
    assert change == sorted(change, reverse=True)


def test_a_second_photograph_is_put_in(photograph, tmp_path, astronaut):
    Image.fromarray(np.ascontiguousarray(astronaut[:400, ::-1]) // 2).save(tmp_path / "dark.png")
    out = tmp_path / "sheet.png"
    result = run(photograph, "--out", out, "--method", "cross_blend", "--source", tmp_path / "dark.png")
    assert result.exit_code == 0, result.output
    row = np.asarray(Image.open(out))[TITLE:]
    assert row[:, SIDE : 2 * SIDE].mean() < 0.7 * row[:, :SIDE].mean()


def test_a_picture_without_a_face_says_so(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "blank.png")
    result = run(tmp_path / "blank.png", "--out", tmp_path / "sheet.png", "--method", "skin")
    assert result.exit_code == 1
    assert "no face" in result.output


def test_an_unknown_method_lists_the_valid_ones(photograph, tmp_path):
    result = run(photograph, "--out", tmp_path / "sheet.png", "--method", "face_swop")
    assert result.exit_code == 2
    assert "did you mean 'face_swap'" in result.output


@pytest.mark.parametrize("name", ["no/such/folder/sheet.png", "sheet.docx"])
def test_a_picture_that_cannot_be_written_says_so(name, photograph, tmp_path):
    result = run(photograph, "--out", tmp_path / name, "--method", "face_light")
    assert result.exit_code == 1
    assert "can't be written" in result.output


@pytest.mark.train
def test_without_names_all_are_shown_and_what_cannot_be_made_is_told(photograph, tmp_path, monkeypatch):
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[catchlight.methods]\nbroken = absent_module:create\n")
    monkeypatch.syspath_prepend(tmp_path)
    out = tmp_path / "sheet.png"
    result = run(photograph, "--out", out)
    assert result.exit_code == 0, result.output
    assert "broken is left out" in result.output
    with Image.open(out) as drawn:
        assert drawn.size == (10 * SIDE, len(BUILT_IN) * (SIDE + TITLE))
