"""``catchlight generate``: its arguments; the work itself is tested in tests/generator."""

from __future__ import annotations

from click.testing import CliRunner
from PIL import Image

from catchlight.serve.cli.main import main


def test_reconstruct_without_a_store_says_how_to_make_one(tmp_path):
    result = CliRunner().invoke(main, ["generate", "reconstruct", "--faces", str(tmp_path)])
    assert result.exit_code == 1
    assert "catchlight dataset faces" in result.output


def test_sheet_is_written_from_a_photograph(tmp_path, astronaut):
    Image.fromarray(astronaut).save(tmp_path / "face.png")
    out = tmp_path / "sheet.png"
    arguments = ["generate", "sheet", str(tmp_path / "face.png"), "--out", str(out), "--side", "64"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    with Image.open(out) as drawn:
        assert drawn.size == (9 * 64, 8 * (64 + 18))


def test_sheet_of_a_picture_without_a_face_says_so(tmp_path):
    Image.new("RGB", (64, 64)).save(tmp_path / "blank.png")
    arguments = ["generate", "sheet", str(tmp_path / "blank.png"), "--out", str(tmp_path / "sheet.png")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "no face" in result.output
