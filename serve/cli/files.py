"""Arguments -> files: what a person named, and the media inside the folders among it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from catchlight.serve.report.words import printable


def find(paths: Sequence[Path], all_files: bool) -> list[Path]:
    """The files to judge: those named, and in folders, sorted, those that look like media.

    Args:
        paths: Files and folders; what does not exist is kept, and told when its turn comes.
        all_files: In folders, take every regular file, hidden ones too.

    Returns:
        Each file once, at least one.

    Raises:
        click.UsageError: If there is nothing to judge.
    """
    found: dict[Path, None] = {}
    for path in paths:
        found.update(dict.fromkeys(_inside(path, all_files) if path.is_dir() else (path,)))
    if not found:
        names = ", ".join(printable(str(path)) for path in paths)
        hint = "it is empty" if all_files else "--all-files tries every file, whatever its name"
        raise click.UsageError(f"no image or video found in {names}; {hint}")
    return list(found)


def _inside(folder: Path, all_files: bool) -> Iterator[Path]:
    from catchlight.detector.media import is_media

    for root, folders, names in os.walk(folder, onerror=_warn_unreadable):
        folders[:] = sorted(name for name in folders if all_files or not name.startswith("."))
        for path in (Path(root, name) for name in sorted(names)):
            hidden = path.name.startswith(".")
            if path.is_file() and (all_files or (not hidden and is_media(path))):
                yield path


def _warn_unreadable(error: OSError) -> None:
    folder = printable(str(error.filename))
    click.echo(f"Warning: the folder {folder} can't be read: {error.strerror}", err=True)
