"""What a training run tells while it goes on: a line for each measurement, and a picture of what it can do by now."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

from catchlight.datasets import files
from catchlight.detector.types import Pixels


def add(path: Path, measured: Mapping[str, object]) -> None:
    """Add a line of JSON, which has a ``step``.

    Raises:
        DataError: It can't be written.
    """
    with files.writing(path), path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(dict(measured)) + "\n")


def cut(path: Path, step: int) -> None:
    """Leave out what an interrupted run measured after its last checkpoint, where it is measured again.

    Raises:
        DataError: It can't be written.
    """
    if not path.exists():
        return
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if _step_of(line) <= step]
    with files.whole(path) as partial:
        partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def show(path: Path, image: Pixels) -> None:
    """Write a picture, RGB uint8, so that whoever looks sees the old one or the new one.

    Raises:
        DataError: It can't be written.
    """
    from PIL import Image

    with files.whole(path) as partial:
        Image.fromarray(image).save(partial)


def _step_of(line: str) -> float:
    try:
        return float(json.loads(line)["step"])
    except (ValueError, KeyError, TypeError):  # the line that a kill cut off
        return math.inf
