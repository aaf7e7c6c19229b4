"""The command lists cues, fits ranges and writes what cues are worth between the marks of a file."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from catchlight.detector.cues import normal, registry
from catchlight.serve.cli.main import main


def run(*arguments: object):
    return CliRunner().invoke(main, ["cues", *map(str, arguments)])


@pytest.fixture
def folder(media_folder, tmp_path):
    """An index over two photographs, beside them."""
    index = media_folder / "index.csv"
    index.write_text("path,label,method,group\nreal/near.jpg,real,photo,a\nfake/tool/0.jpg,fake,tool,b\n")
    yield media_folder
    index.unlink()


def test_every_cue_is_listed_with_its_unit():
    result = run("list")
    assert result.exit_code == 0
    for name, meter in registry.meters(None).items():
        assert name in result.output
        assert meter.unit in result.output


def test_worth_replaces_what_stands_between_the_marks(folder, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Title\n<!-- worth -->\nold\n<!-- /worth -->\nend\n")
    result = run("worth", folder, "--log", tmp_path / "log.jsonl", "--out", page)
    assert result.exit_code == 0, result.output
    text = page.read_text()
    assert text.startswith("# Title\n<!-- worth -->\nMeasured on 2 media")
    assert text.endswith("<!-- /worth -->\nend\n")
    assert "old" not in text
    page.write_text("no marks")
    result = run("worth", folder, "--log", tmp_path / "log.jsonl", "--out", page)
    assert result.exit_code == 1
    assert "no marks" in result.output


def test_fit_writes_ranges_that_can_be_read(folder, tmp_path):
    out = tmp_path / "normal.json"
    result = run("fit", folder, "--log", tmp_path / "log.jsonl", "--out", out, "--source", "one photograph")
    assert result.exit_code == 0, result.output
    assert list(normal.ranges(out)) == ["blink"]  # one person is too few for any other
