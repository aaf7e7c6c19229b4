"""What did not enter a store, and why: ``rejected.csv`` beside the manifest."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from catchlight.datasets import files

FILENAME = "rejected.csv"


@dataclass(frozen=True, slots=True)
class Rejection:
    """A picture that did not enter the store.

    Attributes:
        path: The medium, with the number of the frame where one of several is meant.
        reason: Why.
        kept: For a near-duplicate, the stored picture that stands for it; else empty.
    """

    path: str
    reason: str
    kept: str = ""


def write(folder: Path, rejected: Iterable[Rejection]) -> None:
    """Write the list of a store; DataError when it can't be written."""
    with files.whole(folder / FILENAME) as partial, partial.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("path", "reason", "kept"), *((r.path, r.reason, r.kept) for r in rejected)])


def read(folder: Path) -> tuple[Rejection, ...]:
    """Read the list of a store; nothing where there is none."""
    file = folder / FILENAME
    if not file.is_file():
        return ()
    with file.open(newline="", encoding="utf-8") as stream:
        return tuple(Rejection(r["path"], r["reason"], r.get("kept") or "") for r in csv.DictReader(stream))


def by_reason(rejected: Iterable[Rejection]) -> dict[str, int]:
    """Number of rejections by reason, the most frequent first; the names of files are left out of the reasons.

    Example:
        >>> by_reason([Rejection("a.jpg", "no face"), Rejection("b.jpg", "b.jpg can't be opened")])
        {'no face': 1, "... can't be opened": 1}
    """
    found = Counter(re.sub(re.escape(r.path.split(", frame")[0]), "...", r.reason) for r in rejected)
    return dict(found.most_common())
