"""Benchmark: a folder of media of known truth -> results by forgery method, with intervals that count groups.

Each medium goes through the same `Pipeline` as in use, decoding and face finding included. A medium that can't be
judged stays in the tables as such; it never becomes a 0.5.
"""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import numpy as np

from catchlight.detector import metrics
from catchlight.detector.errors import DataError, MediaError
from catchlight.detector.pipeline import Pipeline

logger = logging.getLogger(__name__)

SMALLEST = 2  # media of each class below which no AUC is told


class Entry(Protocol):
    """What a log holds of a medium: a dataclass that knows its path."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def path(self) -> str:
        """The medium, as its row names it."""
        ...


E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Row:
    """One medium of the benchmark: the truth from the index."""

    path: str
    label: str
    method: str
    group: str


@dataclass(frozen=True, slots=True)
class Result:
    """One medium judged; ``error`` says why where it was not, and ``p_fake`` is None then."""

    path: str
    label: str
    method: str
    group: str
    kind: str
    p_fake: float | None
    verdict: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a method, its AUC against the real media of its kind, and how it was judged."""

    method: str
    kind: str
    media: int
    auc: metrics.Estimate | None
    called: dict[str, int]  # verdict to number of media, ``failed`` included


def read_index(folder: Path) -> tuple[Row, ...]:
    """Read ``index.csv`` of a folder: columns path, label (real or fake), and perhaps method and group.

    A file that is named more than once, with the same truth, counts once, and a warning is logged: a clip that is
    listed six times would count as six people.

    Raises:
        DataError: If it is missing, has no such columns, has another label, tells two truths of one file, or names a
            file that is not there.
    """
    file = folder / "index.csv"
    if not file.is_file():
        raise DataError(f"{folder} has no index.csv with the columns path, label, method and group")
    with file.open(newline="", encoding="utf-8") as stream:
        table = list(csv.DictReader(stream))
    if not table or not {"path", "label"} <= set(table[0]):
        raise DataError(
            f"{file} needs the columns path and label; found {list(table[0]) if table else 'no row'}"
        )
    odd = sorted({str(row["label"]) for row in table} - {"real", "fake"})
    if odd:
        raise DataError(f"{file} has the labels {odd}; expected real or fake")
    missing = [row["path"] for row in table if not (folder / row["path"]).is_file()]
    if missing:
        raise DataError(
            f"{len(missing)} files of {file} are missing, such as {missing[0]}; unpack archives first"
        )
    return _each_once(
        file,
        [
            Row(row["path"], row["label"], row.get("method") or row["label"], row.get("group") or row["path"])
            for row in table
        ],
    )


def _each_once(file: Path, rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows without those that repeat others."""
    distinct = tuple(dict.fromkeys(rows))
    paths = [row.path for row in distinct]
    if len(set(paths)) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        raise DataError(
            f"{file} tells different labels, methods or groups of {twice}; keep one row for each file"
        )
    if len(distinct) < len(rows):
        logger.warning(
            "%s: %d of %d rows repeat others; each file counts once",
            file,
            len(rows) - len(distinct),
            len(rows),
        )
    return distinct


def run(
    pipeline: Pipeline,
    folder: Path,
    rows: Sequence[Row],
    log: Path,
    progress: Callable[[int, str], None] | None = None,
) -> tuple[Result, ...]:
    """Judge all media of a benchmark; what ``log`` (JSON Lines) already holds is not judged again."""
    return resume(rows, log, lambda row: judge(pipeline, folder, row), lambda data: Result(**data), progress)


def resume(
    rows: Sequence[Row],
    log: Path,
    work: Callable[[Row], E],
    read: Callable[[dict[str, Any]], E],
    progress: Callable[[int, str], None] | None = None,
) -> tuple[E, ...]:
    """Do something with each medium; what a log already holds is not done again.

    Args:
        rows: The media.
        log: JSON Lines, one entry a medium, written as soon as it is known.
        work: Gives the entry of a medium.
        read: Makes an entry of its fields in the log.
        progress: Called after each medium with the number done and its path.

    Returns:
        The entries in the order of the rows.
    """
    known = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    done = {entry.path: entry for entry in (read(json.loads(line)) for line in known)}
    with log.open("a", encoding="utf-8") as stream:
        for number, row in enumerate(rows):
            if row.path not in done:
                done[row.path] = work(row)
                stream.write(json.dumps(asdict(done[row.path])) + "\n")
                stream.flush()
            if progress:
                progress(number + 1, row.path)
    return tuple(done[row.path] for row in rows)


def judge(pipeline: Pipeline, folder: Path, row: Row) -> Result:
    """Judge one medium of a folder; what can't be judged is told in the result."""
    truth = asdict(row)
    try:
        report = pipeline.analyse(folder / row.path).report
    except MediaError as error:
        return Result(**truth, kind="", p_fake=None, verdict="failed", error=str(error))
    why = "" if report.p_fake is not None else "; ".join(report.reasons)
    return Result(**truth, kind=report.media.kind, p_fake=report.p_fake, verdict=report.verdict, error=why)


def table(results: Sequence[Result]) -> tuple[Line, ...]:
    """One line a method: fakes against the real media of their own source where there are any, else of their kind.

    A source is shared where a real method has the same name (``dfdc_crop`` real and fake).
    """
    lines = []
    for method, label in sorted({(r.method, r.label) for r in results}, key=lambda pair: pair[::-1]):
        chosen = [r for r in results if (r.method, r.label) == (method, label)]
        called = {v: sum(r.verdict == v for r in chosen) for v in ("fake", "undecided", "real", "failed")}
        kind = max((r.kind for r in chosen), key=[r.kind for r in chosen].count)
        auc = _auc(chosen, results, kind) if label == "fake" else None
        lines.append(Line(method if label == "fake" else f"{method} (real)", kind, len(chosen), auc, called))
    return tuple(lines)


def _auc(fakes: Sequence[Result], results: Sequence[Result], kind: str) -> metrics.Estimate | None:
    reals = [r for r in results if r.label == "real" and r.kind == kind]
    own = [r for r in reals if r.method == fakes[0].method]
    scored = [r for r in [*fakes, *(own or reals)] if r.p_fake is not None]
    labels = np.array([r.label == "fake" for r in scored], np.int64)
    if min(labels.sum(), len(labels) - labels.sum()) < SMALLEST:
        return None
    scores = np.array([r.p_fake for r in scored], np.float64)
    return metrics.estimate(scores, labels, [r.group for r in scored])


def to_markdown(lines: Sequence[Line]) -> str:
    """The table as Markdown: AUC with its 95 % interval over groups, and the verdicts."""
    rows = [
        "| method | kind | media | AUC [95 %] | fake | undecided | real | failed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        auc = str(line.auc) if line.auc else ""
        called = " | ".join(str(line.called[v]) for v in ("fake", "undecided", "real", "failed"))
        rows.append(f"| {line.method} | {line.kind} | {line.media} | {auc} | {called} |")
    values = [line.auc.value for line in lines if line.auc]
    if values:
        rows.append(f"\nMean of {len(values)} methods: {np.mean(values):.3f}; worst: {min(values):.3f}.")
    return "\n".join(rows) + "\n"
