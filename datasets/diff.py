"""Two manifests -> what changed: rows added, rows removed, and rows changed, by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from catchlight.datasets import manifest
from catchlight.datasets.faces import LANDMARKS
from catchlight.datasets.manifest import Sample

_COLUMNS = tuple(field.name for field in fields(Sample) if field.name != "path")


@dataclass(frozen=True, slots=True)
class Change:
    """A row that both have: its path, and each column that differs with the old and the new value as text."""

    path: str
    columns: Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one manifest to another; false when nothing did.

    Attributes:
        added: Paths that only the second has, in its order.
        removed: Paths that only the first has, in its order.
        changed: Rows of both that differ, in the first one's order.
        same: Number of rows that are alike.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[Change, ...]
    same: int

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)

    def by_column(self) -> dict[str, int]:
        """Number of changed rows by column, the most frequent first."""
        return dict(Counter(column for change in self.changed for column in change.columns).most_common())


def compare(a: Path, b: Path) -> Difference:
    """Compare two manifests, row by row; the path names the row, and the order of rows does not count.

    Args:
        a: Folder or file, CSV or Parquet: what there was.
        b: Likewise: what there is.

    Returns:
        The difference. Between two stores it includes their landmarks, as a column of that name.

    Raises:
        DataError: If either can't be read.
    """
    old = {sample.path: sample for sample in manifest.read(a)}
    new = {sample.path: sample for sample in manifest.read(b)}
    points = _moved(a, b, list(old), list(new))
    changed = []
    for path in (path for path in old if path in new):
        columns = _columns(old[path], new[path])
        if path in points:
            columns["landmarks"] = ("", "moved")
        if columns:
            changed.append(Change(path, columns))
    added = tuple(path for path in new if path not in old)
    removed = tuple(path for path in old if path not in new)
    return Difference(added, removed, tuple(changed), len(old) - len(removed) - len(changed))


def _columns(old: Sample, new: Sample) -> dict[str, tuple[str, str]]:
    values = ((name, getattr(old, name), getattr(new, name)) for name in _COLUMNS)
    return {name: (_text(before), _text(after)) for name, before, after in values if before != after}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _moved(a: Path, b: Path, old: list[str], new: list[str]) -> set[str]:
    """Paths whose landmarks differ, where both are stores."""
    files = [folder / LANDMARKS for folder in (a, b)]
    if not all(file.is_file() for file in files):
        return set()
    before, after = (np.load(file, mmap_mode="r", allow_pickle=False) for file in files)
    if len(before) != len(old) or len(after) != len(new):
        return set(old) & set(new)
    places = {path: place for place, path in enumerate(new)}
    pairs = ((path, place, places[path]) for place, path in enumerate(old) if path in places)
    return {path for path, i, j in pairs if not np.array_equal(before[i], after[j])}
