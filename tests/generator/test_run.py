"""The same bytes with any number of workers, after any interruption; and what is refused."""

from __future__ import annotations

import csv
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catchlight.datasets import files, manifest
from catchlight.datasets.faces import open_store
from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator import recipe as recipes
from catchlight.generator.bench import drawn_store
from catchlight.generator.run import run
from catchlight.generator.tree_hash import STATE, tree_hash

COMMAND = "from catchlight.serve.cli.main import main; main()"


def journal_lines(out: Path) -> int:
    path = out / STATE / "journal.jsonl"
    return path.read_bytes().count(b"\n\n") if path.is_file() else 0


def test_a_set_is_a_store_in_the_order_of_the_list(out, drawn):
    made = open_store(out)
    assert len(made.samples) == 80
    assert [s.label for s in made.samples] == ["real", "fake"] * 40
    assert [s.seed for s in made.samples[::2]] == [f"1/{n:06d}" for n in range(40)]
    for index in range(0, 80, 2):
        real, fake = made.samples[index : index + 2]
        assert (real.identity, real.split, real.clip) == (fake.identity, fake.split, fake.clip)
        assert fake.partner == real.path
        assert (out / fake.mask).is_file()
        assert np.array_equal(made.landmarks[index], made.landmarks[index + 1])
        assert made.image(index).shape == (64, 64, 3)


def test_two_workers_and_one_give_the_same_tree(out, tmp_path, recipe, drawn):
    seen = []
    result = run(recipe, drawn.folder, tmp_path / "two", workers=2, progress=lambda n, name: seen.append(n))
    assert result.tree == tree_hash(tmp_path / "two") == tree_hash(out)
    assert (result.samples, result.made, result.repaired) == (40, 40, 0)
    assert seen[-1] == 40


@pytest.mark.slow
def test_kill_9_in_the_middle_and_resuming_give_the_same_tree(tmp_path, written, drawn):
    path, killed, whole = written(count=160), tmp_path / "killed", tmp_path / "whole"
    arguments = ["generate", str(path), "--faces", str(drawn.folder), "--out", str(killed), "--workers", "2"]
    child = subprocess.Popen([sys.executable, "-c", COMMAND, *arguments])
    deadline = time.monotonic() + 100
    while journal_lines(killed) < 1 and time.monotonic() < deadline:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert not (killed / manifest.FILENAME).exists()

    recipe = recipes.read(path)
    seen: list[int] = []
    resumed = run(recipe, drawn.folder, killed, progress=lambda n, name: seen.append(n))
    assert 0 < resumed.made < 160
    assert seen[0] > 160 - resumed.made
    assert resumed.tree == run(recipe, drawn.folder, whole).tree == tree_hash(killed)


@pytest.mark.slow
def test_a_killed_worker_is_told_and_the_run_goes_on(tmp_path, mortal, drawn):
    recipe, marker = mortal
    marker.touch()
    whole = run(recipe, drawn.folder, tmp_path / "whole", workers=2)
    marker.unlink()
    with pytest.raises(DataError, match="one of 2 worker processes was killed.*goes on from there"):
        run(recipe, drawn.folder, tmp_path / "set", workers=2)
    assert marker.exists()
    assert run(recipe, drawn.folder, tmp_path / "set", workers=2).tree == whole.tree


def test_a_finished_set_is_left_as_it_is(out, recipe, drawn):
    before = {path: path.stat().st_mtime_ns for path in (out / "images").rglob("*.jpg")}
    result = run(recipe, drawn.folder, out)
    assert (result.made, result.tree) == (0, tree_hash(out))
    assert before == {path: path.stat().st_mtime_ns for path in (out / "images").rglob("*.jpg")}


def test_a_longer_list_goes_on_and_a_shorter_one_is_refused(out, tmp_path, recipe, drawn):
    longer = run(recipe, drawn.folder, out, count=50)
    assert longer.made == 10
    assert longer.tree == run(recipe, drawn.folder, tmp_path / "fresh", count=50).tree
    with pytest.raises(DataError, match="begun with 50 samples, more than 40"):
        run(recipe, drawn.folder, out)


def test_changed_and_lost_files_are_made_again(out, recipe, drawn):
    before = tree_hash(out)
    images, masks = sorted((out / "images").rglob("*.jpg")), sorted((out / "masks").rglob("*.png"))
    images[3].write_bytes(images[5].read_bytes())
    images[10].unlink()
    masks[30].write_bytes(b"")
    (out / "images" / "000" / ".000001-fake.jpg.77.partial").write_bytes(b"of a killed worker")
    result = run(recipe, drawn.folder, out)
    assert (result.made, result.repaired, result.tree) == (3, 3, before)
    assert tree_hash(out) == before


def test_a_manifest_edited_by_hand_is_neither_believed_nor_overwritten(out, recipe, drawn):
    before, path = tree_hash(out), out / manifest.FILENAME
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    rows[2][rows[0].index("label")] = "real"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    edited = path.read_bytes()
    with pytest.raises(DataError, match=r"manifest.csv was edited after it was written. Move it away"):
        run(recipe, drawn.folder, out)
    assert path.read_bytes() == edited
    path.unlink()
    result = run(recipe, drawn.folder, out)
    assert (result.made, tree_hash(out)) == (0, before)


@pytest.mark.parametrize(
    ("head", "what"), [({"name": "other"}, "recipe: test/1, not other/1"), ({"seed": 2}, "settings")]
)
def test_another_recipe_is_refused(out, written, drawn, head, what):
    before = tree_hash(out)
    with pytest.raises(DataError, match=f"begun with another {what}"):
        run(recipes.read(written(**head)), drawn.folder, out)
    assert tree_hash(out) == before


def test_other_faces_are_refused_but_the_same_may_have_moved(out, recipe, drawn, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(drawn.folder, moved)
    assert run(recipe, moved, out).made == 0
    rows = manifest.read(moved)
    manifest.write(moved / manifest.FILENAME, [replace(rows[0], identity="somebody"), *rows[1:]])
    with pytest.raises(DataError, match="begun with another faces"):
        run(recipe, moved, out)


def test_two_runs_on_one_folder_are_refused_until_the_first_ends(recipe, drawn, tmp_path):
    out = tmp_path / "set"
    with files.exclusive(out / STATE), pytest.raises(DataError, match=f"process {os.getpid()}"):
        run(recipe, drawn.folder, out)
    assert run(recipe, drawn.folder, out).made == 40


def test_the_lock_of_a_killed_run_is_stale(recipe, drawn, tmp_path):
    out = tmp_path / "set"
    hold = (
        "import sys, time; from pathlib import Path; from catchlight.datasets import files\n"
        "with files.exclusive(Path(sys.argv[1])):\n    print('held', flush=True)\n    time.sleep(60)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", hold, str(out / STATE)], stdout=subprocess.PIPE, text=True
    )
    with child:
        assert child.stdout.readline() == "held\n"
        with pytest.raises(DataError, match=f"process {child.pid}"):
            run(recipe, drawn.folder, out)
        child.kill()
    assert run(recipe, drawn.folder, out).made == 40


def test_folders_with_other_files_are_left_alone(recipe, drawn, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("words")
    with pytest.raises(DataError, match="files that no recipe made"):
        run(recipe, drawn.folder, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    with pytest.raises(DataError, match="is a file"):
        run(recipe, drawn.folder, tmp_path / "mine" / "thesis.txt")


@pytest.fixture
def small_files() -> Iterator[Callable[[int], None]]:
    """Sets how large a file may become, as a disk that fills up does; lifted at the end."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("room", [1_500, 30_000])
def test_a_full_disk_stops_the_run_with_all_files_whole(out, tmp_path, recipe, drawn, small_files, room):
    """With little room the first picture does not fit; with more the journal does not."""
    small_files(room)
    with pytest.raises(DataError, match="can't be written: File too large"):
        run(recipe, drawn.folder, tmp_path / "full")
    small_files(resource.RLIM_INFINITY)
    left = [path for path in (tmp_path / "full" / "images").rglob("*") if path.is_file()]
    assert all(path.read_bytes() == (out / path.relative_to(tmp_path / "full")).read_bytes() for path in left)
    assert run(recipe, drawn.folder, tmp_path / "full").tree == tree_hash(out)


def test_an_empty_or_missing_store_is_told(recipe, tmp_path):
    with pytest.raises(DataError, match="no manifest"):
        run(recipe, tmp_path, tmp_path / "set")
    store = drawn_store(tmp_path / "faces", people=2, side=96)
    manifest.write(store.folder / manifest.FILENAME, [])
    np.save(store.folder / "landmarks.npy", np.zeros((0, 478, 2), np.float32))
    with pytest.raises(DataError, match="no real picture"):
        run(recipe, store.folder, tmp_path / "set")
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"count": 0}, {"engine": "spark"}])
def test_wrong_arguments_are_told(recipe, drawn, tmp_path, wrong):
    with pytest.raises(ConfigError, match=r"above zero|unknown engine 'spark'.*local, ray"):
        run(recipe, drawn.folder, tmp_path / "set", **wrong)
