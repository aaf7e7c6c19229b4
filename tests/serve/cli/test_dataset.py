"""`catchlight dataset faces`: folders in, a store and a list of rejections out."""

import csv

from click.testing import CliRunner

from catchlight.datasets.faces import open_store
from catchlight.serve.cli.main import main


def run(*args):
    return CliRunner().invoke(main, ["dataset", *map(str, args)], prog_name="catchlight")


def test_help_names_sources_and_options():
    assert run("--help").exit_code == 0
    shown = run("faces", "--help")
    assert shown.exit_code == 0
    assert all(word in shown.output for word in ("SOURCES", "--out", "--frames", "--hold-out"))


def test_makes_a_store_and_tells_what_is_in_it(media_folder, tmp_path):
    out = tmp_path / "store"
    done = run("faces", media_folder, "--out", out, "--frames", 1)
    assert done.exit_code == 0, done.output
    store = open_store(out)
    assert f"{len(store.samples)} faces in" in done.output
    assert "1 media without a usable face" in done.output
    assert "tool" in done.output
    with (out / "rejected.csv").open(newline="") as stream:
        assert list(csv.DictReader(stream)) == [
            {"path": str(media_folder / "real" / "empty.jpg"), "reason": "no face"}
        ]


def test_held_out_methods_go_to_validation(media_folder, tmp_path):
    done = run("faces", media_folder, "--out", tmp_path, "--frames", 1, "--hold-out", "tool")
    assert done.exit_code == 0, done.output
    assert {s.split for s in open_store(tmp_path).samples if s.method == "tool"} == {"val"}


def test_an_absent_source_is_an_error_in_one_line(tmp_path):
    done = run("faces", tmp_path / "absent", "--out", tmp_path)
    assert done.exit_code == 1
    assert "absent is not a folder" in done.output
    assert "Traceback" not in done.output


def test_without_sources_or_out_the_usage_is_shown(tmp_path):
    assert run("faces", "--out", tmp_path).exit_code == 2
    assert run("faces", tmp_path).exit_code == 2
