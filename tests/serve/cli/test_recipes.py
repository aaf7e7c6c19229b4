"""`generate RECIPE` and `generate explain` at the command line."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from catchlight.generator.bench import drawn_store
from catchlight.generator.tree_hash import tree_hash
from catchlight.serve.cli.main import main

RECIPE = """
[recipe]
name = "tiny"
side = 64
count = 8

[[methods]]
name = "self_blend"
share = 3

[[methods]]
name = "face_swap"
"""


@pytest.fixture
def folder(tmp_path):
    """A store of drawn faces and a recipe."""
    drawn_store(tmp_path / "faces", people=4, side=96)
    (tmp_path / "tiny.toml").write_text(RECIPE)
    return tmp_path


def call(*arguments):
    return CliRunner().invoke(main, ["generate", *map(str, arguments)])


def made(folder, *more):
    return call(
        folder / "tiny.toml", "--faces", folder / "faces", "--out", folder / "set", "--workers", 1, *more
    )


def test_a_recipe_is_run_and_run_again(folder):
    result = made(folder)
    assert result.exit_code == 0, result.output
    assert "8 samples" in result.output
    assert "0 were there, 8 made now" in result.output
    assert f"tree {tree_hash(folder / 'set')}" in result.output
    assert "8 were there, 0 made now" in made(folder).output
    next((folder / "set" / "images").rglob("*.jpg")).unlink()
    assert "1 made now, 1 of them because their files had gone or changed" in made(folder).output


def test_options_may_come_first(folder):
    result = call("--faces", folder / "faces", "--out", folder / "set", "--workers", 1, folder / "tiny.toml")
    assert "8 made now" in result.output


def test_a_dry_run_says_what_would_be_made_and_writes_nothing(folder):
    result = made(folder, "--dry-run", "--count", 12)
    assert result.exit_code == 0
    assert re.search(r"self_blend +9\nface_swap +3\n12 samples of tiny/1.*nothing was made", result.output)
    assert re.search(r"^recipe [0-9a-f]{64}$", result.output, re.M)
    assert not (folder / "set").exists()


def test_a_checked_in_recipe_goes_by_its_name(folder):
    result = call("quick", "--faces", folder / "faces", "--out", folder / "set", "--dry-run", "--count", 8)
    assert "8 samples of quick/1" in result.output


def test_explain_makes_a_sample_again(folder):
    made(folder)
    result = call("explain", "5", "--out", folder / "set")
    assert result.exit_code == 0, result.output
    assert result.output.count("same bytes") == 3
    assert "recipe      tiny/1, key 1/000005" in result.output
    fake = folder / "set" / "images" / "000" / "000005-fake.jpg"
    fake.write_bytes(b"other")
    result = call("explain", "000005", "--out", folder / "set")
    assert result.exit_code == 1
    assert "DIFFERS     images/000/000005-fake.jpg" in result.output
    assert "was the file, its row or the store changed" in result.output


@pytest.mark.parametrize("word", ["quik", "slef"])
def test_a_wrong_word_is_answered_with_subcommands_and_recipes(word):
    result = call(word, "--faces", "x")
    assert result.exit_code == 2
    assert f"unknown subcommand or recipe '{word}'" in result.output
    for name in ("explain", "reconstruct", "sheet", "quick", "shipped", ".toml"):
        assert name in result.output


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        (["--engine", "spark"], 2, "unknown engine 'spark'"),
        (["--engine", "spark", "--dry-run"], 2, "unknown engine 'spark'"),
        (["--count", "0"], 2, "--count"),
        (["--faces", "nowhere"], 1, "no manifest at nowhere"),
    ],
)
def test_wrong_options_are_told(folder, more, status, message):
    result = made(folder, *more)
    assert result.exit_code == status
    assert message in result.output
    assert not (folder / "set").exists()


def test_a_missing_recipe_file_is_told(folder):
    result = call("none.toml", "--faces", folder / "faces", "--out", folder / "set")
    assert result.exit_code == 2
    assert "configuration none.toml can't be read" in result.output
