"""What is usual in real people: the range of each cue, fitted by ``catchlight cues fit`` and kept beside the code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np

from catchlight.detector.errors import DataError

FILE = Path(__file__).with_name("normal.json")
FORMAT = 1
SHARE = 0.96  # of real people inside a range: one in fifty falls out on either side
LEAST = 20  # people below which no range is told


@dataclass(frozen=True, slots=True)
class Range:
    """The usual values of a cue.

    Attributes:
        low: Lower end.
        high: Upper end.
        people: How many real people stand behind it; 0 for a range from the literature.
        source: Where it comes from, in words.
    """

    low: float
    high: float
    people: int
    source: str


@cache
def ranges(path: Path = FILE) -> Mapping[str, Range]:
    """Cue name to range.

    Raises:
        DataError: If the file is of another format or was changed by hand.
    """
    if not path.is_file():
        return {}
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        found, said = data["cues"], data["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} holds no ranges of cues ({error}); fit them again: catchlight cues fit"
        ) from error
    if data.get("format") != FORMAT or said != _digest(found):
        raise DataError(f"{path} is damaged or of another format; fit it again: catchlight cues fit")
    return {name: Range(**values) for name, values in found.items()}


def write(found: Mapping[str, Range], path: Path = FILE) -> None:
    """Write ranges with their hash."""
    cues = {name: asdict(one) for name, one in found.items()}
    data = {"format": FORMAT, "sha256": _digest(cues), "cues": cues}
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def fit(values: Sequence[float], source: str, low: bool = True, high: bool = True) -> Range | None:
    """The range that holds `SHARE` of real people.

    Args:
        values: One for each person.
        source: What they are, in words.
        low: Whether values under the range mean something; else it begins at the least, or at 0 if none is negative.
        high: Whether values over the range mean something; else it ends at the greatest, or at 1 if none is greater.

    Returns:
        The range; None for fewer than `LEAST` people.

    Example:
        >>> fit(range(101), "numbers").high
        98.0
    """
    if len(values) < LEAST:
        return None
    tail = (1 - SHARE) / 2
    least, greatest = float(np.min(values)), float(np.max(values))
    below = float(np.quantile(values, tail)) if low else min(least, 0.0)
    above = float(np.quantile(values, 1 - tail)) if high else max(greatest, 1.0)
    below, above = float(f"{below:.4g}"), float(f"{above:.4g}")
    return Range(below, above, len(values), source)


def _digest(cues: object) -> str:
    return hashlib.sha256(json.dumps(cues, sort_keys=True).encode()).hexdigest()
