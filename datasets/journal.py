"""What a run has finished so far, so that the next one goes on from there, whatever ended it.

In ``DIR/.faces/`` lie the settings, a line of JSON for each finished medium, and the landmarks of its faces one after
another. A line is written last, when its pictures and landmarks are; what was cut off is done again. The record stays
when the store is finished, so that other media can be added later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import files, hashes
from catchlight.datasets.manifest import Sample, told
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError
from catchlight.detector.types import Points

FOLDER = ".faces"
ASIDE = "aside"  # folder of pictures that the manifest does not name: near-duplicates
_POINT_BYTES = lm.COUNT * 2 * 4


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished medium.

    Attributes:
        medium: Its path, for people.
        rows: Its stored faces.
        frames: Index of the frame of each.
        reason: Why it has none; empty when it has.
        at: Where its landmarks begin, counted in faces.
    """

    medium: str
    rows: tuple[Sample, ...]
    frames: tuple[int, ...]
    reason: str
    at: int


class Journal:
    """The record of one folder; a context manager, as it holds two files open.

    Args:
        folder: The store's folder.
        settings: How the store is made, as JSON has it.

    Raises:
        DataError: If the folder was begun with other settings, or can't be written.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.folder, self._store = folder / FOLDER, folder
        self.entries: dict[str, Entry] = {}
        with files.writing(folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._agree(dict(settings))
            self._lines = (self.folder / "journal.jsonl").open("a+b")
            self._points = (self.folder / "landmarks.f32").open("a+b")
            self._load()

    def add(
        self, key: str, medium: str, rows: Sequence[Sample], found: Sequence[tuple[Points, int]], reason: str
    ) -> None:
        """Record a medium whose pictures are stored.

        Args:
            key: Names the medium and its state, so that a changed one is done again.
            medium: Its path.
            rows: Its faces.
            found: Landmarks, float32 (478, 2), and frame index of each.
            reason: Why there is none.

        Raises:
            DataError: If it can't be written.
        """
        at = self._points.seek(0, 2) // _POINT_BYTES
        frames = tuple(index for _, index in found)
        line = {"key": key, "medium": medium, "frames": frames, "reason": reason, "at": at}
        line["rows"] = [told(row) for row in rows]
        with files.writing(self.folder):
            for points, _ in found:
                self._points.write(points.astype("<f4").tobytes())
            self._points.flush()
            self._lines.write(json.dumps(line).encode() + b"\n")
            self._lines.flush()
        self.entries[key] = Entry(medium, tuple(rows), frames, reason, at)

    def landmarks(self, entry: Entry) -> NDArray[np.float32]:
        """The landmarks of an entry, float32, shape (n, 478, 2)."""
        self._points.seek(entry.at * _POINT_BYTES)
        data = self._points.read(len(entry.rows) * _POINT_BYTES)
        return np.frombuffer(data, "<f4").reshape(-1, lm.COUNT, 2).astype(np.float32)

    def finished(self) -> str:
        """The digest that `finish` was given; empty while the store is not finished."""
        file = self.folder / "finished"
        return file.read_text(encoding="utf-8") if file.is_file() else ""

    def finish(self, digest: str) -> None:
        """Note that the store is complete. ``digest`` names all that went into it."""
        with files.whole(self.folder / "finished") as partial:
            partial.write_text(digest, encoding="utf-8")

    def members(self) -> dict[str, str]:
        """Keys of the media that the store is made of, each with its medium's path; none before `enrol`."""
        file = self.folder / "members.json"
        return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}

    def enrol(self, keys: Sequence[str]) -> None:
        """Note which media the store is made of, from now on."""
        with files.whole(self.folder / "members.json") as partial:
            partial.write_text(json.dumps({key: self.entries[key].medium for key in keys}), encoding="utf-8")

    def picture(self, path: str) -> Path:
        """The file of a stored picture: in the store, or aside where `place` put it."""
        stored = self._store / path
        return stored if stored.is_file() else self.folder / ASIDE / path

    def place(self, path: str, kept: bool) -> None:
        """Have a picture in the store, or aside: a duplicate shows nothing new, but may be the better one later."""
        stored, aside = self._store / path, self.folder / ASIDE / path
        old, new = (aside, stored) if kept else (stored, aside)
        if not old.is_file():
            return
        with files.writing(new):
            new.parent.mkdir(parents=True, exist_ok=True)
            old.replace(new)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._points.close()

    def _agree(self, settings: dict[str, Any]) -> None:
        file = self.folder / "settings.json"
        settings = json.loads(json.dumps(settings))
        if not file.is_file():
            with files.whole(file) as partial:
                partial.write_text(json.dumps(settings, indent=1), encoding="utf-8")
            return
        known = json.loads(file.read_text(encoding="utf-8"))
        differ = [k for k in sorted({*known, *settings}) if known.get(k) != settings.get(k)]
        if differ:
            told = "; ".join(f"{k} was {known.get(k)!r} and is now {settings.get(k)!r}" for k in differ)
            raise DataError(
                f"{self._store} was begun with other settings: {told}. Use them, or another folder."
            )

    def _load(self) -> None:
        """Take what is whole; cut off what a killed run left half written."""
        there = self._points.seek(0, 2) // _POINT_BYTES
        self._points.truncate(there * _POINT_BYTES)
        self._lines.seek(0)
        good = 0
        for line in self._lines:
            try:
                self._take(json.loads(line), there)
            except (ValueError, TypeError, KeyError):
                break
            good += len(line)
        self._lines.truncate(good)

    def _take(self, line: dict[str, Any], there: int) -> None:
        rows = tuple(Sample(**row) for row in line["rows"])
        if line["at"] + len(rows) <= there and all(self._intact(row) for row in rows):
            self.entries[line["key"]] = Entry(
                line["medium"], rows, tuple(line["frames"]), line["reason"], line["at"]
            )

    def _intact(self, row: Sample) -> bool:
        file = self.picture(row.path)
        return file.is_file() and hashes.of_bytes(file.read_bytes()) == row.sha256
