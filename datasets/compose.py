"""What a store is made of -> its files: landmarks, rejections, manifest, and the pictures that it names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catchlight.datasets import cut, files, manifest, near_duplicates, rejections, split
from catchlight.datasets.journal import Entry, Journal
from catchlight.datasets.manifest import Sample
from catchlight.datasets.rejections import Rejection
from catchlight.detector.errors import DataError

if TYPE_CHECKING:
    from catchlight.datasets.faces import StoreConfig

LANDMARKS = "landmarks.npy"
DUPLICATE = "near-duplicate of a better picture"


def write(out: Path, config: StoreConfig, journal: Journal, keys: Sequence[str]) -> None:
    """Write a store's files; they follow from its media alone, not from the order of runs that recorded them.

    Args:
        out: The store's folder.
        config: How it is made.
        journal: The record of the media.
        keys: Those that the store is made of, in order.

    Raises:
        DataError: If no medium has a usable face, or a file can't be written.
    """
    entries = [journal.entries[key] for key in keys]
    rows = [row for entry in entries for row in entry.rows]
    gone = {} if config.keep_duplicates else _repeated(rows, journal)
    rejected = [Rejection(entry.medium, entry.reason) for entry in entries if entry.reason]
    rejected += [Rejection(_medium(entries, i), DUPLICATE, rows[k].path) for i, k in sorted(gone.items())]
    rejections.write(out, rejected)
    if not rows:
        raise DataError(
            f"no usable face in {len(entries)} media; {out / rejections.FILENAME} says why of each"
        )
    kept = [i for i in range(len(rows)) if i not in gone]
    # A duplicate that is left out still links the people and clips that it belongs to.
    samples = split.assign(rows, validation=config.validation, held_out=config.held_out)
    landmarks = np.concatenate([journal.landmarks(entry) for entry in entries])
    for i in kept:
        journal.place(rows[i].path, kept=True)
    with files.whole(out / LANDMARKS) as partial:
        np.save(partial, landmarks[kept])
    manifest.write(out / manifest.FILENAME, [samples[i] for i in kept])
    for i in gone:
        journal.place(rows[i].path, kept=False)
    _forget(out, journal, {row.path for row in rows})


def _repeated(rows: Sequence[Sample], journal: Journal) -> dict[int, int]:
    return near_duplicates.repeated(rows, lambda i: cut.decode(journal.picture(rows[i].path).read_bytes()))


def _medium(entries: Sequence[Entry], index: int) -> str:
    """The medium of the row of this number, with the frame where it has several."""
    for entry in entries:
        if index < len(entry.rows):
            return f"{entry.medium}, frame {entry.frames[index]}" if len(entry.rows) > 1 else entry.medium
        index -= len(entry.rows)
    return ""


def _forget(out: Path, journal: Journal, known: set[str]) -> None:
    """Remove the pictures of media that the store is no longer made of."""
    for path in {row.path for entry in journal.entries.values() for row in entry.rows} - known:
        with files.writing(out):
            journal.picture(path).unlink(missing_ok=True)
