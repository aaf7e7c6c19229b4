"""Layout: a folder with CSV indices beside tar shards or loose files.

Each index has a column ``path`` and a column ``label`` (``real`` or ``fake``). Optional columns: ``source``,
``identity``, ``shard`` (a tar file that holds the path), ``group`` (a clip's group), ``method``, ``licence``,
``consent``.
"""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Iterator
from pathlib import Path

from catchlight.datasets.layouts.item import Item
from catchlight.detector.errors import DataError


def items(folder: Path) -> Iterator[Item]:
    """Iterate over everything that the folder's indices name, shard by shard.

    Raises:
        DataError: If an index lacks a column, a shard is missing, or a shard lacks a file that is named.
    """
    for index in sorted(folder.glob("*.csv")):
        rows = _read(index)
        shards = sorted({row.get("shard") or "" for row in rows})
        for shard in shards:
            yield from _of_shard(folder, shard, [row for row in rows if (row.get("shard") or "") == shard])


def matches(folder: Path) -> bool:
    """Whether the folder has an index of this layout."""
    return any(folder.glob("*.csv"))


def _read(index: Path) -> list[dict[str, str]]:
    try:
        with index.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"index {index} can't be read: {error}; expected a CSV file in UTF-8") from error
    if rows and not {"path", "label"} <= set(rows[0]):
        raise DataError(f"{index} needs the columns path and label; found {', '.join(rows[0])}")
    for number, row in enumerate(rows, 1):
        if not row["path"] or row["label"] not in ("real", "fake"):
            given = f"path {row['path']!r} and label {row['label']!r}"
            raise DataError(
                f"{index}, row {number} needs a path, and real or fake as label; received {given}"
            )
    return rows


def _of_shard(folder: Path, shard: str, rows: list[dict[str, str]]) -> Iterator[Item]:
    if not shard:
        yield from (_item(row, folder / row["path"], None) for row in rows)
        return
    try:
        with tarfile.open(folder / shard) as archive:
            members = {member.name: member for member in archive if member.isfile()}
            for row in rows:
                stream = archive.extractfile(members[row["path"]])
                yield _item(row, folder / row["path"], stream.read() if stream else b"")
    except (OSError, KeyError, tarfile.TarError) as error:
        raise DataError(f"shard {folder / shard} is missing, damaged or incomplete: {error}") from error


def _item(row: dict[str, str], path: Path, data: bytes | None) -> Item:
    fake = row["label"] == "fake"
    source = row.get("source") or row.get("method") or path.parent.name
    identity = row.get("identity") or row.get("group") or ""
    return Item(
        path=path,
        data=data,
        label="fake" if fake else "real",
        method=(row.get("method") or source).removeprefix("fake-") if fake else "",
        source=source,
        identity=identity,
        # Several pictures named after one clip: NAME__FRAME.jpg
        clip=identity if "__" in path.stem and data is not None else "",
        licence=row.get("licence") or "",
        consent=row.get("consent") or "",
    )
