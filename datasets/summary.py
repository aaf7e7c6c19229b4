"""A manifest in numbers and as a contact sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from catchlight.datasets.faces import read_image
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError
from catchlight.detector.types import Pixels

COLUMNS = ("split", "label", "method", "source", "kind", "licence", "recipe")
MEASURES = ("face_width", "sharpness", "brightness", "side_light", "yaw", "pitch", "roll", "inside")
SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
TITLE = 18  # height of a row's title in pixels


def tally(samples: Sequence[Sample], column: str) -> dict[str, int]:
    """Number of samples by the value of a column, the most frequent first; no value is ``(none)``."""
    found = Counter(str(getattr(sample, column)) or "(none)" for sample in samples)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def people(samples: Sequence[Sample]) -> int:
    """Number of people; who is unknown counts as one for each clip and each photograph."""
    return len({sample.identity or sample.medium for sample in samples})


def quantiles(samples: Sequence[Sample], measure: str) -> tuple[float, ...]:
    """The values of a measurement below which `SHARES` of the samples lie; empty where nothing was measured."""
    values = [value for sample in samples if (value := getattr(sample, measure)) is not None]
    if not any(values):
        return ()
    return tuple(float(value) for value in np.quantile(values, SHARES))


def sheet(folder: Path, samples: Sequence[Sample], columns: int = 10, side: int = 96) -> Pixels:
    """Draw a contact sheet: for each split, label and method or source a titled row of pictures.

    Args:
        folder: Where the pictures lie.
        samples: The rows; of each group pictures are taken evenly spaced, so the sheet is always the same.
        columns: Pictures in a row.
        side: Pixels of a picture.

    Returns:
        RGB uint8, shape (groups * (side + `TITLE`), columns * side, 3).

    Raises:
        DataError: If there are no samples, or a picture is missing or damaged.
    """
    if not samples:
        raise DataError(f"the manifest of {folder} has no rows to show")
    groups: dict[str, list[Sample]] = {}
    for sample in samples:
        names = (sample.split, sample.label, sample.method or sample.source)
        groups.setdefault("  ".join(filter(None, names)), []).append(sample)
    return np.vstack([_row(folder, title, groups[title], columns, side) for title in sorted(groups)])


def _row(folder: Path, title: str, samples: Sequence[Sample], columns: int, side: int) -> Pixels:
    shown = np.linspace(0, len(samples) - 1, min(columns, len(samples))).astype(int)
    row = np.full((TITLE + side, columns * side, 3), 255, np.uint8)
    text = f"{title}  {len(samples)}".encode("ascii", "replace").decode()  # OpenCV's letters
    cv2.putText(row, text, (4, TITLE - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1, cv2.LINE_AA)
    for place, index in enumerate(shown):
        tile = _fit(read_image(folder / samples[index].path), side)
        row[TITLE : TITLE + tile.shape[0], place * side : place * side + tile.shape[1]] = tile
    return row


def _fit(image: Pixels, side: int) -> Pixels:
    """The picture with its longer side at ``side`` px."""
    scale = side / max(image.shape[:2])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
