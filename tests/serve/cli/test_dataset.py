"""`catchlight dataset`: folders in, a store and a list of rejections out; then proven, shown, compared."""

import csv
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner
from PIL import Image

from catchlight.datasets import manifest
from catchlight.datasets.faces import open_store
from catchlight.serve.cli.main import main


def run(*args):
    return CliRunner().invoke(main, ["dataset", *map(str, args)], prog_name="catchlight")


@pytest.fixture(scope="module")
def made(media_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "store"
    done = run("faces", media_folder, "--out", out, "--frames", 1, "--licence", "CC0-1.0")
    assert done.exit_code == 0, done.output
    return out, done.output


@pytest.fixture
def store(made, tmp_path):
    return shutil.copytree(made[0], tmp_path / "store")


def test_help_names_sources_and_options():
    listed = run("--help")
    assert listed.exit_code == 0
    assert all(name in listed.output for name in ("faces", "check", "show", "diff", "export"))
    shown = run("faces", "--help")
    assert shown.exit_code == 0
    words = ("SOURCES", "--out", "--frames", "--hold-out", "--identity", "--normalise-light", "--licence")
    assert all(word in shown.output for word in words)


def test_makes_a_store_and_tells_what_is_in_it(made, media_folder):
    out, told = made
    store = open_store(out)
    assert f"{len(store.samples)} faces in" in told
    assert "tool" in told
    assert {sample.licence for sample in store.samples} == {"CC0-1.0"}
    with (out / "rejected.csv").open(newline="") as stream:
        rejected = list(csv.DictReader(stream))
    assert {"path": str(media_folder / "real" / "empty.jpg"), "reason": "no face", "kept": ""} in rejected
    assert f"{len(rejected)} rejected" in told
    assert "      1  no face" in told
    copies = [row for row in rejected if row["kept"]]
    assert f"{len(copies):7}  near-duplicate of a better picture" in told
    assert {row["kept"] for row in copies} <= {sample.path for sample in store.samples}


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


def test_check_proves_a_store_and_tells_its_damage_by_line(store):
    done = run("check", store)
    assert done.exit_code == 0, done.output
    assert "files, hashes and splits are as the manifest says" in done.output
    path = open_store(store).samples[1].path
    (store / path).unlink()
    done = run("check", store)
    assert done.exit_code == 1
    assert f"line 3, {path}: is missing" in done.output
    assert "1 problem(s)" in done.output


def test_check_says_what_a_hash_of_the_file_alone_proves(store):
    rows = [replace(row, pixels="") for row in manifest.read(store)]
    manifest.write(store / manifest.FILENAME, rows)
    done = run("check", store)
    assert done.exit_code == 0, done.output
    assert f"{len(rows)} of {len(rows)} rows have no hash of their pixels" in done.output


def test_show_counts_and_draws_a_sheet(store, tmp_path):
    done = run("show", store, "--sheet", tmp_path / "sheet.png")
    assert done.exit_code == 0, done.output
    assert f"{len(open_store(store).samples)} samples" in done.output
    assert all(
        word in done.output for word in ("label\n", "  fake", "  tool", "quantiles", "face_width", "yaw")
    )
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width == 960
    refused = run("show", store, "--sheet", tmp_path / "sheet.txt")
    assert refused.exit_code == 2
    assert "a sheet is a .png or a .jpg" in refused.output


def test_diff_ends_like_diff(store, made, tmp_path):
    same = run("diff", made[0], store)
    assert same.exit_code == 0, same.output
    assert same.output.startswith("0 added, 0 removed, 0 changed")
    rows = manifest.read(store)
    manifest.write(store / manifest.FILENAME, rows[1:])
    changed = run("diff", made[0] / manifest.FILENAME, store / manifest.FILENAME)
    assert changed.exit_code == 1
    assert changed.output.splitlines() == [
        f"- {rows[0].path}",
        f"0 added, 1 removed, 0 changed, {len(rows) - 1} alike",
    ]
    trouble = run("diff", store, tmp_path / "absent")
    assert trouble.exit_code == 2
    assert "no manifest" in trouble.output


def test_export_writes_parquet_that_check_compares(store):
    done = run("export", store)
    assert done.exit_code == 0, done.output
    assert manifest.read(store / manifest.PARQUET) == manifest.read(store)
    assert run("check", store).exit_code == 0
    assert run("diff", store, store / manifest.PARQUET).exit_code == 0
    (store / manifest.FILENAME).write_text((store / manifest.FILENAME).read_text().replace("CC0-1.0", "?", 1))
    stale = run("check", store)
    assert stale.exit_code == 1
    assert "differs from manifest.csv" in stale.output
    assert run("export", store, "--to", store / "m.xls").exit_code == 2
