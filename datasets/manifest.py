"""Rows about samples: what is known of each picture, written beside the pictures as one file.

In a folder the file of record is ``manifest.csv``: a person and every tool can read it, and a diff of two manifests
is a diff of two files. Parquet is the same rows for tools that read columns, and is read wherever CSV is.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from catchlight.datasets import files, parquet
from catchlight.detector.errors import ConfigError, DataError

Label = Literal["real", "fake"]
FILENAME = "manifest.csv"
PARQUET = "manifest.parquet"


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture of one face.

    Attributes:
        path: File, relative to the manifest's folder, with forward slashes.
        label: ``real`` or ``fake``.
        method: The forgery method or tool; empty for a real one.
        source: The collection that it comes from.
        identity: The person, or what stands for them; empty when unknown (then the picture stands for itself).
        clip: The clip that a frame comes from; empty for a photograph.
        kind: ``image`` or ``video``: what the picture was part of.
        split: ``train``, ``val`` or empty.
        face_width: Width of the face in pixels of the stored picture.
        sharpness: As `Quality.sharpness`.
        brightness: As `Quality.brightness`.
        inside: Share of the aligned crop that lies inside the picture, 0 to 1.
        yaw: Turn of the head in degrees, as `pose.Pose`; None when it was not measured.
        pitch: Likewise.
        roll: Likewise.
        side_light: How far light comes from one side, -1 to 1, as `light.imbalance`; None when not measured.
        dhash: 64-bit difference hash in hexadecimal, for near-duplicates.
        sha256: Of the stored file.
        pixels: SHA-256 of the decoded picture, as `hashes.of_pixels`.
        donor: The person whose face was put in, where that is another one.
        mask: File of the mask, as ``path``; empty where there is none.
        seed: Text that names the random key of a generated sample.
        recipe: Name and version of the recipe that made it.
        parameters: What was drawn or set for it, as a JSON object; its ``real`` names the real picture of a pair.
        licence: Of the picture, as its collection states it.
        consent: What is known of the person's consent.
    """

    path: str
    label: Label
    method: str = ""
    source: str = ""
    identity: str = ""
    clip: str = ""
    kind: Literal["image", "video"] = "image"
    split: str = ""
    face_width: float = 0.0
    sharpness: float = 0.0
    brightness: float = 0.0
    inside: float = 1.0
    yaw: float | None = None
    pitch: float | None = None
    roll: float | None = None
    side_light: float | None = None
    dhash: str = ""
    sha256: str = ""
    pixels: str = ""
    donor: str = ""
    mask: str = ""
    seed: str = ""
    recipe: str = ""
    parameters: str = ""
    licence: str = ""
    consent: str = ""

    @property
    def person(self) -> str:
        """Who is shown: the identity; where that is unknown the clip, or the picture itself."""
        return self.identity or self.clip or self.path

    @property
    def medium(self) -> str:
        """What is judged as one: the clip of one tool, or the picture itself."""
        return f"{self.method}:{self.source}:{self.clip}" if self.clip else self.path

    @property
    def partner(self) -> str:
        """Path of the real picture that a fake is paired with; empty without one."""
        try:
            found = json.loads(self.parameters or "{}").get("real", "")
        except (ValueError, AttributeError):
            return ""
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a manifest or with what it names.

    Attributes:
        line: Line of a CSV file (the header is line 1) or row of a Parquet file (from 1); 0 for the whole.
        path: The sample's path, where it has one.
        message: What is wrong.
    """

    line: int
    path: str
    message: str

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        return (
            ", ".join(where + [self.path] * bool(self.path)) + ": " * bool(where or self.path) + self.message
        )


Row = tuple[int, Sample]
_DEFAULTS = {field.name: field.default for field in fields(Sample)}


def told(sample: Sample) -> dict[str, Any]:
    """The columns of a row that differ from their defaults; ``Sample(**told(row)) == row``."""
    return {name: value for name, value in asdict(sample).items() if value != _DEFAULTS[name]}


_COLUMNS = tuple(field.name for field in fields(Sample))
_VALID = {"label": ("real", "fake"), "kind": ("image", "video"), "split": ("", "train", "val")}
_NUMBERS = ("face_width", "sharpness", "brightness", "inside", "yaw", "pitch", "roll", "side_light")
_DHASH = re.compile("[0-9a-f]{16}")


def write(path: Path, samples: Iterable[Sample]) -> None:
    """Write a manifest; the file appears whole or not at all.

    Args:
        path: The file; its suffix, ``.csv`` or ``.parquet``, says in which form.
        samples: The rows.

    Raises:
        ConfigError: If the suffix is neither, or pyarrow is missing.
        DataError: If the file can't be written.
    """
    _form(path)
    rows = [asdict(sample) for sample in samples]
    with files.whole(path) as partial:
        if path.suffix == ".parquet":
            parquet.write_table(partial, {name: [row[name] for row in rows] for name in _COLUMNS}, _NUMBERS)
            return
        with partial.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def add(folder: Path, samples: Sequence[Sample]) -> None:
    """Add rows to a folder's manifest; older rows of the same paths go.

    Raises:
        DataError: It can't be written, or what is there is damaged.
    """
    path, names = folder / FILENAME, {sample.path for sample in samples}
    before = read(folder) if path.exists() else ()
    write(path, [*(row for row in before if row.path not in names), *samples])


def locate(path: Path) -> Path:
    """The manifest's file: ``path`` itself, or the one in the folder ``path``; CSV goes before Parquet.

    Raises:
        DataError: If there is none.
        ConfigError: If the file is neither CSV nor Parquet by its suffix.
    """
    names = [path / FILENAME, path / PARQUET] if path.is_dir() else [path]
    for file in names:
        if file.is_file():
            return _form(file)
    raise DataError(f"no manifest at {names[0]}; make one with `catchlight dataset faces SRC --out DIR`")


def read(path: Path) -> tuple[Sample, ...]:
    """Read a manifest.

    Args:
        path: A CSV or Parquet file, or the folder that holds it as ``manifest.csv`` or ``manifest.parquet``.

    Returns:
        The samples in the file's order.

    Raises:
        DataError: If the file is missing, a column is missing, or a row breaks a rule; it says which line.
    """
    rows, faults = scan(path)
    if faults:
        more = f" ({len(faults) - 1} more; `catchlight dataset check` lists all)" if len(faults) > 1 else ""
        raise DataError(f"{locate(path)}, {faults[0]}{more}")
    return tuple(sample for _, sample in rows)


def scan(path: Path) -> tuple[tuple[Row, ...], tuple[Fault, ...]]:
    """Read as much of a manifest as is right.

    Returns:
        The rows that keep the rules, each with its line, and what is wrong with the others.

    Raises:
        DataError: As `read`, where the file as a whole can't be read.
    """
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for line, cells in _cells(locate(path)):
        try:
            sample = _sample(cells)
        except ValueError as error:
            faults.append(Fault(line, cells.get("path") or "", str(error)))
            continue
        if seen.setdefault(sample.path, line) != line:
            faults.append(Fault(line, sample.path, f"path is already in line {seen[sample.path]}"))
            continue
        rows.append((line, sample))
    return tuple(rows), tuple(faults)


def _form(path: Path) -> Path:
    if path.suffix not in (".csv", ".parquet"):
        raise ConfigError(f"a manifest is a .csv or a .parquet file; received {path.name!r}")
    return path


def _cells(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    if file.suffix == ".parquet":
        names, table = parquet.read_rows(file)
        _expect_columns(file, names)
        yield from enumerate(table, 1)
        return
    with file.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        try:
            _expect_columns(file, reader.fieldnames or ())
            for row in reader:
                yield reader.line_num, row
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(
                f"{file}, line {reader.line_num + 1}: not a CSV file in UTF-8: {error}"
            ) from error


def _expect_columns(file: Path, names: Sequence[str]) -> None:
    missing = {"path", "label"} - set(names)
    if missing:
        found = ", ".join(names) or "none"
        raise DataError(f"{file}: missing column(s) {', '.join(sorted(missing))}; found {found}")


def _sample(row: dict[str, str]) -> Sample:
    """A row as a sample; ValueError when it breaks a rule."""
    for column, valid in _VALID.items():
        if row.get(column, valid[0]) not in valid:
            raise ValueError(f"{column} must be one of {valid}, received {row[column]!r}")
    for column in ("path", "mask"):
        if (row.get(column) or column == "path") and not _inside(row[column]):
            raise ValueError(f"{column} must be relative and inside the folder, received {row[column]!r}")
    if None in row:
        raise ValueError("more cells than columns; a comma inside a cell needs quotes around the cell")
    if row.get("dhash") and not _DHASH.fullmatch(row["dhash"]):
        raise ValueError(f"dhash must be 16 hexadecimal digits, received {row['dhash']!r}")
    known = {name: value for name, value in row.items() if name in _COLUMNS and value is not None}
    numbers = {name: _number(name, known.pop(name)) for name in _NUMBERS if known.get(name)}
    return Sample(**{k: v for k, v in known.items() if k not in _NUMBERS}, **numbers)  # type: ignore[arg-type]


def _inside(path: str) -> bool:
    parts = Path(path).parts
    return bool(parts) and path[0] != "/" and ".." not in parts and "\\" not in path and "\0" not in path


def _number(name: str, text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, received {text!r}")
    return value


def counts(samples: Sequence[Sample]) -> dict[tuple[str, str, str], int]:
    """Number of samples by (split, label, method or source), sorted."""
    table: dict[tuple[str, str, str], int] = {}
    for sample in samples:
        key = (sample.split, sample.label, sample.method or sample.source)
        table[key] = table.get(key, 0) + 1
    return dict(sorted(table.items()))
