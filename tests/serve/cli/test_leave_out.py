"""`catchlight leave-out`: arguments, and a whole run on a small store."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from catchlight.serve.cli.main import main

TEXT = """
[network]
network = "meso"
side = 64
epochs = 0
[tiers.pairs]
self_blend = 1
[last_layer]
strength = 0.01
batches = 1
stills = 1.0
"""


def run(*args):
    return CliRunner().invoke(main, ["leave-out", *map(str, args)], prog_name="catchlight")


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(TEXT, encoding="utf-8")
    return file


def test_help_names_what_it_needs():
    shown = run("--help")
    assert shown.exit_code == 0
    assert all(
        word in shown.output for word in ("CONFIG", "--faces", "--weights", "--together", "--all-clips")
    )


def test_an_absent_store_leaves_nothing_behind(config, tmp_path):
    done = run(config, "--faces", tmp_path / "absent", "--out", tmp_path / "table.md")
    assert done.exit_code == 1
    assert "no manifest at" in done.output
    assert not (tmp_path / "table.md").exists()


@pytest.mark.train
def test_absent_weights_are_named(config, face_store, tmp_path):
    absent = tmp_path / "absent.h5"
    done = run(config, "--faces", face_store.folder, "--out", tmp_path / "table.md", "--weights", absent)
    assert done.exit_code == 2
    assert "absent.h5 do not exist" in done.output


@pytest.mark.train
def test_the_table_is_printed_and_written(config, face_store, tmp_path):
    done = run(config, "--faces", face_store.folder, "--out", tmp_path / "out" / "table.md")
    assert done.exit_code == 0, done.output
    text = (tmp_path / "out" / "table.md").read_text(encoding="utf-8")
    assert text in done.output
    assert text.startswith("| left out (image) |")
    assert "| tool | 3 |" in text
