"""``catchlight generate``: its arguments; the work itself is tested in tests/generator."""

from __future__ import annotations

from click.testing import CliRunner

from catchlight.serve.cli.main import main


def test_reconstruct_without_a_store_says_how_to_make_one(tmp_path):
    result = CliRunner().invoke(main, ["generate", "reconstruct", "--faces", str(tmp_path)])
    assert result.exit_code == 1
    assert "catchlight dataset faces" in result.output
