"""Rows about samples: what is known of each picture, written beside the pictures as one CSV file.

CSV, because a person and every tool can read it, and a diff of two manifests is a diff of two files.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from catchlight.detector.errors import DataError

Label = Literal["real", "fake"]
FILENAME = "manifest.csv"


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
        dhash: 64-bit difference hash in hexadecimal, for near-duplicates.
        sha256: Of the stored file.
        pixels: SHA-256 of the decoded picture: its shape and its RGB bytes.
        donor: The person whose face was put in, where that is another one.
        mask: File of the mask, as ``path``; empty where there is none.
        seed: Text that names the random key of a generated sample.
        recipe: Name and version of the recipe that made it.
        parameters: What was drawn or set for it, as JSON.
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
        """The identity, or the picture itself where the identity is unknown."""
        return self.identity or self.path

    @property
    def medium(self) -> str:
        """What is judged as one: the clip of one tool, or the picture itself."""
        return f"{self.method}:{self.source}:{self.clip}" if self.clip else self.path


_COLUMNS = tuple(field.name for field in fields(Sample))
_VALID = {"label": ("real", "fake"), "kind": ("image", "video"), "split": ("", "train", "val")}
_NUMBERS = ("face_width", "sharpness", "brightness", "inside")


def write(path: Path, samples: Iterable[Sample]) -> None:
    """Write a manifest; the file appears whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, _COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(sample) for sample in samples)
    partial.replace(path)


def read(path: Path) -> tuple[Sample, ...]:
    """Read a manifest.

    Args:
        path: The CSV file, or the folder that holds it as ``manifest.csv``.

    Returns:
        The samples in the file's order.

    Raises:
        DataError: If the file is missing, a column is missing, or a row breaks a rule; it says which line.
    """
    file = path / FILENAME if path.is_dir() else path
    if not file.is_file():
        raise DataError(f"no manifest at {file}; make one with `catchlight dataset faces SRC --out DIR`")
    with file.open(newline="", encoding="utf-8") as stream:
        reader = csv.DictReader(stream)
        try:
            missing = {"path", "label"} - set(reader.fieldnames or ())
            if missing:
                found = ", ".join(reader.fieldnames or ()) or "none"
                raise DataError(f"{file}: missing column(s) {', '.join(sorted(missing))}; found {found}")
            return tuple(_sample(row, f"{file}, line {reader.line_num}") for row in reader)
        except (UnicodeDecodeError, csv.Error) as error:
            raise DataError(
                f"{file}, line {reader.line_num + 1}: not a CSV file in UTF-8: {error}"
            ) from error


def _sample(row: dict[str, str], where: str) -> Sample:
    for column, valid in _VALID.items():
        if row.get(column, valid[0]) not in valid:
            raise DataError(f"{where}: {column} must be one of {valid}, received {row[column]!r}")
    if not row["path"] or row["path"].startswith("/") or ".." in Path(row["path"]).parts:
        raise DataError(f"{where}: path must be relative and inside the folder, received {row['path']!r}")
    known = {name: value for name, value in row.items() if name in _COLUMNS and value is not None}
    try:
        numbers = {name: float(known.pop(name)) for name in _NUMBERS if known.get(name)}
    except ValueError as error:
        raise DataError(f"{where}: {error}") from error
    return Sample(**{k: v for k, v in known.items() if k not in _NUMBERS}, **numbers)  # type: ignore[arg-type]


def counts(samples: Sequence[Sample]) -> dict[tuple[str, str, str], int]:
    """Number of samples by (split, label, method or source), sorted."""
    table: dict[tuple[str, str, str], int] = {}
    for sample in samples:
        key = (sample.split, sample.label, sample.method or sample.source)
        table[key] = table.get(key, 0) + 1
    return dict(sorted(table.items()))
