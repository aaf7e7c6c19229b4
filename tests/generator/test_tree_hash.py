"""The tree hash follows from names and contents, and from nothing else."""

import os

import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.tree_hash import file_hash, of_hashes, tree_hash


@pytest.fixture
def tree(tmp_path):
    for name in ("b.txt", "a/c.txt", "a/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_time_and_the_runs_own_state_are_not_in_it(tree):
    before = tree_hash(tree)
    os.utime(tree / "b.txt", (1, 1))
    (tree / ".catchlight").mkdir()
    (tree / ".catchlight" / "journal.jsonl").write_text("x")
    assert tree_hash(tree) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: (tree / "b.txt").write_text("B.txt"),
        lambda tree: (tree / "b.txt").rename(tree / "e.txt"),
        lambda tree: (tree / "b.txt").unlink(),
        lambda tree: (tree / "a" / "new.txt").write_text(""),
    ],
)
def test_contents_names_and_number_of_files_are_in_it(tree, change):
    before = tree_hash(tree)
    change(tree)
    assert tree_hash(tree) != before


def test_known_hashes_give_the_same(tree):
    names = ["a/d.txt", "b.txt", "a/c.txt"]
    assert of_hashes({name: file_hash(tree / name) for name in names}) == tree_hash(tree)


def test_what_is_no_folder_has_none(tree):
    with pytest.raises(DataError, match="is not a folder"):
        tree_hash(tree / "b.txt")
