"""Which files a call judges."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from catchlight.serve.cli.files import find


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("c.jpg", "a.PNG", "b/clip.MP4", "b/notes.txt", ".trash/d.jpg", ".e.jpg", "b/f"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def names(found: list[Path], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in found]


def test_folders_are_searched_for_media_in_order(folder: Path) -> None:
    assert names(find([folder], all_files=False), folder) == ["a.PNG", "c.jpg", "b/clip.MP4"]


def test_all_files_means_all(folder: Path) -> None:
    found = names(find([folder], all_files=True), folder)
    assert sorted(found) == [".e.jpg", ".trash/d.jpg", "a.PNG", "b/clip.MP4", "b/f", "b/notes.txt", "c.jpg"]


def test_a_file_that_was_named_is_taken_whatever_its_name(folder: Path) -> None:
    assert find([folder / "b/notes.txt"], all_files=False) == [folder / "b/notes.txt"]


def test_what_does_not_exist_is_kept_to_be_told_in_its_turn(folder: Path) -> None:
    assert find([folder / "gone.jpg"], all_files=False) == [folder / "gone.jpg"]


def test_each_file_comes_once(folder: Path) -> None:
    found = find([folder / "c.jpg", folder, folder / "c.jpg"], all_files=False)
    assert names(found, folder) == ["c.jpg", "a.PNG", "b/clip.MP4"]


def test_links_to_folders_are_not_followed_round_in_circles(folder: Path) -> None:
    (folder / "b" / "up").symlink_to(folder)
    assert len(find([folder], all_files=False)) == 3


@pytest.mark.parametrize(("all_files", "hint"), [(False, "--all-files tries"), (True, "it is empty")])
def test_nothing_to_judge_is_an_error_with_a_hint(tmp_path: Path, all_files: bool, hint: str) -> None:
    with pytest.raises(click.UsageError, match=hint):
        find([tmp_path], all_files)
