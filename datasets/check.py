"""A folder with a manifest -> everything that is wrong with it: rows, files, hashes, landmarks, splits.

Works for stores of faces and for what a recipe made: both are rows of `manifest.Sample` beside their pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import hashes, manifest, near_duplicates, split
from catchlight.datasets.cut import decode
from catchlight.datasets.faces import LANDMARKS, read_image
from catchlight.datasets.manifest import Fault, Row, Sample
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError, MediaError
from catchlight.detector.media import is_media

Progress = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found.

    Attributes:
        rows: Number of rows that were read.
        faults: What is wrong, by line.
        unproven: Rows without a hash of their pixels: proven by the hash of the file alone.
    """

    rows: int
    faults: tuple[Fault, ...]
    unproven: int


def check(folder: Path, progress: Progress | None = None) -> Checked:
    """Prove a folder against its manifest.

    Args:
        folder: Holds ``manifest.csv`` or ``manifest.parquet``.
        progress: Called after each picture with the number so far and its path.

    Returns:
        What is wrong; nothing is changed.

    Raises:
        DataError: If there is no manifest, or it can't be read as one.
    """
    rows, faults = manifest.scan(folder)
    found = [*faults, *_twin(folder, rows)]
    found += [Fault(0, "", "the manifest has no rows")] * (not rows and not faults)
    seen: list[Sample] = []
    for number, (line, sample) in enumerate(rows, 1):
        problems, as_seen = _picture(folder, sample)
        found += [Fault(line, sample.path, problem) for problem in problems]
        seen.append(as_seen)
        if progress:
            progress(number, sample.path)
    found += [*_extra(folder, rows, {fault.path for fault in faults}), *_landmarks(folder, rows, len(faults))]
    found += _crossings([line for line, _ in rows], seen, folder)
    unproven = sum(not sample.pixels for _, sample in rows)
    return Checked(len(rows), tuple(sorted(found, key=lambda fault: fault.line)), unproven)


def _twin(folder: Path, rows: Sequence[Row]) -> Iterator[Fault]:
    """Where both forms of the manifest lie side by side, they must say the same."""
    other = folder / manifest.PARQUET
    if not other.is_file() or manifest.locate(folder) == other:
        return
    theirs, faults = manifest.scan(other)
    if faults or [sample for _, sample in theirs] != [sample for _, sample in rows]:
        yield Fault(
            0, manifest.PARQUET, "differs from manifest.csv; write it again with `catchlight dataset export`"
        )


def _picture(folder: Path, sample: Sample) -> tuple[list[str], Sample]:
    """What is wrong with a picture, and the row with the difference hash of what was seen."""
    if problem := _unreachable(folder, sample.path):
        return [problem], sample
    data = (folder / sample.path).read_bytes()
    problems = []
    if not sample.sha256 and not sample.pixels:
        problems.append("has neither a sha256 nor a hash of its pixels, so nothing proves it")
    if sample.sha256 and hashes.of_bytes(data) != sample.sha256:
        problems.append("is not the file that was hashed: sha256 differs")
    try:
        image = decode(data)
    except MediaError as error:
        return [*problems, str(error)], sample
    if sample.pixels and hashes.of_pixels(image) != sample.pixels:
        problems.append("does not show what was hashed: pixels differ")
    code = hashes.difference_hash(image)
    if sample.dhash and near_duplicates.pairs([code, sample.dhash]) == []:
        problems.append("does not look like what was hashed: dhash differs")
    if sample.mask:
        problems += _mask(folder, sample.mask, (image.shape[0], image.shape[1]))
    return problems, replace(sample, dhash=code)


def _unreachable(folder: Path, path: str) -> str:
    file = folder / path
    if not file.resolve().is_relative_to(folder.resolve()):
        return "leads out of the folder by a link"
    if not file.is_file():
        return "is missing" if not file.exists() else "is not a file"
    try:
        with file.open("rb"):
            return ""
    except OSError as error:
        return f"can't be opened: {error.strerror or error}"


def _mask(folder: Path, path: str, shape: tuple[int, int]) -> list[str]:
    if problem := _unreachable(folder, path):
        return [f"its mask {path} {problem}"]
    try:
        mask = decode((folder / path).read_bytes())
    except MediaError as error:
        return [f"its mask {path}: {error}"]
    if mask.shape[:2] != shape:
        return [f"its mask {path} has the shape {mask.shape[:2]}, the picture {shape}"]
    return []


def _extra(folder: Path, rows: Sequence[Row], faulty: set[str]) -> Iterator[Fault]:
    """Files that lie among the samples and that no row names."""
    named = {path for _, sample in rows for path in (sample.path, sample.mask) if path}
    tops = {path.partition("/")[0] for path in named if "/" in path}
    files = [
        file for top in sorted(tops) if (folder / top).is_dir() for file in sorted((folder / top).rglob("*"))
    ]
    if any("/" not in path for path in named):
        files += [file for file in sorted(folder.iterdir()) if is_media(file)]
    for file in files:
        path = file.relative_to(folder).as_posix()
        if file.is_file() and path not in named | faulty:
            yield Fault(0, path, "lies among the samples, but no row names it")


def _landmarks(folder: Path, rows: Sequence[Row], faulty: int) -> Iterator[Fault]:
    """A store's landmarks: one entry a row, numbers, each face with its middle inside its picture."""
    file = folder / LANDMARKS
    if not file.is_file():
        return
    try:
        points = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        yield Fault(0, LANDMARKS, f"can't be read: {error}")
        return
    if points.shape != (len(rows) + faulty, lm.COUNT, 2):
        expected = (len(rows) + faulty, lm.COUNT, 2)
        yield Fault(0, LANDMARKS, f"has the shape {points.shape}; the manifest asks for {expected}")
        return
    if faulty:  # which entry belongs to which row is not known
        return
    for (line, sample), face in zip(rows, points, strict=True):
        if not np.isfinite(face).all():
            yield Fault(line, sample.path, "its landmarks are not numbers")
        elif not _inside(folder / sample.path, face.mean(axis=0)):
            yield Fault(line, sample.path, "its landmarks lie outside the picture")


def _inside(file: Path, middle: NDArray[np.float32]) -> bool:
    """Whether a point lies in a picture; its header tells the size. What can't be read was told already."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(file) as picture:
            return bool((middle >= 0).all() and (middle < picture.size).all())
    except (OSError, UnidentifiedImageError):
        return True


def _crossings(lines: Sequence[int], samples: Sequence[Sample], folder: Path) -> Iterator[Fault]:
    """Samples on several sides that share a person, a clip, a pair, or a picture."""
    first: dict[str, dict[str, int]] = {}
    for line, sample in zip(lines, samples, strict=True):
        for key in split.keys(sample) if sample.split else ():
            sides = first.setdefault(key, {})
            if sample.split not in sides and sides:
                side, other = next(iter(sides.items()))
                yield Fault(
                    line, sample.path, f"{key!r} is in {sample.split} here and in {side} in line {other}"
                )
            sides.setdefault(sample.split, line)
    for a, b in near_duplicates.pairs([sample.dhash if sample.split else "" for sample in samples]):
        if samples[a].split != samples[b].split and _same_picture(folder, samples[a], samples[b]):
            where = (
                f"in {samples[b].split} here and in {samples[a].split} in line {lines[a]}, {samples[a].path}"
            )
            yield Fault(lines[b], samples[b].path, f"near-duplicate {where}")


def _same_picture(folder: Path, a: Sample, b: Sample) -> bool:
    try:
        one, other = (near_duplicates.small_copy(read_image(folder / sample.path)) for sample in (a, b))
    except DataError:
        return False
    return near_duplicates.distance(one, other) <= near_duplicates.SAME_PICTURE
