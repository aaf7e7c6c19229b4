"""One hash for a folder: two trees with the same hash hold the same files with the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from catchlight.detector.errors import DataError

STATE = ".catchlight"  # what a run keeps for itself; not part of the set


def tree_hash(folder: Path) -> str:
    """SHA-256 over the paths and the contents of all files of a folder, in the order of their paths.

    The run's own state is left out, so neither time nor the number of workers is in it.

    Raises:
        DataError: If there is no such folder.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as empty:
        ...     tree_hash(Path(empty))[:8]
        'e3b0c442'
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder, so it has no tree hash")
    files = (path for path in folder.rglob("*") if path.is_file())
    inside = {path.relative_to(folder).as_posix(): path for path in files}
    return of_hashes({name: file_hash(path) for name, path in inside.items() if name.split("/")[0] != STATE})


def of_hashes(hashes: Mapping[str, str]) -> str:
    """The tree hash of files whose own hashes are known, by path."""
    lines = "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))
    return hashlib.sha256(lines.encode()).hexdigest()


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
