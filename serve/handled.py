"""How a detector bears what happens to files on their way: each medium handled, judged again, and compared.

What was handled goes through the same `Pipeline` as in use, face finding included.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.detector import metrics
from catchlight.detector.calibration import log_odds
from catchlight.detector.errors import MediaError
from catchlight.detector.pipeline import Pipeline
from catchlight.serve import benchmark
from catchlight.serve.benchmark import Result, Row
from catchlight.serve.handling import Handling, write

CLEAREST = 1e-4  # probabilities nearer to 0 or 1 count as this near


@dataclass(frozen=True, slots=True)
class Line:
    """How one handling changed what is said of one kind of medium.

    Attributes:
        handling: Its name.
        kind: Of the media.
        media: How many were judged before and after.
        lost: How many got a probability before and none after.
        mean: Mean over methods of AUC after it, of the same media before it; None where there is none.
        change: Of the AUC of all forgeries together; None likewise.
        false_alarms: Real media called fake after it, and before it.
        turned: Media whose verdict is another one after it.
        shift: Median change of the real media's log-odds of fake; None where there is no real one.
    """

    handling: str
    kind: str
    media: int
    lost: int
    mean: tuple[float, float] | None
    change: metrics.Estimate | None
    false_alarms: tuple[int, int]
    turned: int
    shift: float | None


def run(
    pipeline: Pipeline,
    folder: Path,
    plain: Sequence[Result],
    log: Path,
    handling: Handling,
    progress: Callable[[int, str], None] | None = None,
) -> tuple[Result, ...]:
    """Judge all media of the handling's kinds that got a probability as they are, after it; resumes from ``log``."""
    chosen = {r.path: r for r in plain if r.p_fake is not None and r.kind in handling.kinds}
    rows = [Row(r.path, r.label, r.method, r.group) for r in chosen.values()]

    def judge(row: Row) -> Result:
        kind: Any = chosen[row.path].kind
        with tempfile.TemporaryDirectory(prefix="catchlight-") as new:
            try:
                made = write(folder / row.path, Path(new), kind, handling, pipeline.config.limits)
            except MediaError as error:  # it is read to its end here, and not before
                return replace(chosen[row.path], p_fake=None, verdict="failed", error=str(error))
            result = benchmark.judge(pipeline, Path(new), replace(row, path=made.name))
        return replace(result, path=row.path, kind=kind)

    return benchmark.resume(rows, log, judge, lambda data: Result(**data), progress)


def compare(plain: Sequence[Result], after: Sequence[Result], name: str) -> tuple[Line, ...]:
    """One line a kind of medium: the same media before and after a handling."""
    known = {r.path: r for r in plain}
    pairs = [(known[r.path], r) for r in after]
    kinds = sorted({r.kind for r in after})
    return tuple(_line(name, kind, [pair for pair in pairs if pair[0].kind == kind]) for kind in kinds)


def _line(name: str, kind: str, pairs: Sequence[tuple[Result, Result]]) -> Line:
    both = [(old, new) for old, new in pairs if new.p_fake is not None]
    before, after = [old for old, _ in both], [new for _, new in both]
    shifts = [_log_odds(new) - _log_odds(old) for old, new in both if old.label == "real"]
    return Line(
        name,
        kind,
        len(both),
        len(pairs) - len(both),
        _means(before, after),
        _change(before, after),
        (_false_alarms(after), _false_alarms(before)),
        sum(old.verdict != new.verdict for old, new in both),
        float(np.median(shifts)) if shifts else None,
    )


def _means(before: Sequence[Result], after: Sequence[Result]) -> tuple[float, float] | None:
    new, old = (
        [line.auc.value for line in benchmark.table(results) if line.auc] for results in (after, before)
    )
    return (float(np.mean(new)), float(np.mean(old))) if new else None


def _change(before: Sequence[Result], after: Sequence[Result]) -> metrics.Estimate | None:
    labels = np.array([r.label == "fake" for r in before], np.int64)
    if min(labels.sum(), len(labels) - labels.sum()) < benchmark.SMALLEST:
        return None
    new, old = (np.array([r.p_fake for r in results], np.float64) for results in (after, before))
    return metrics.compare(new, old, labels, [r.group for r in before])


def _false_alarms(results: Sequence[Result]) -> int:
    return sum(r.label == "real" and r.verdict == "fake" for r in results)


def _log_odds(result: Result) -> float:
    return log_odds(result.p_fake or 0.0, CLEAREST)


def to_markdown(lines: Sequence[Line]) -> str:
    """The table as Markdown; of the mean and the false alarms, the value before the handling in brackets."""
    rows = [
        "| handled | kind | media | lost | mean AUC of methods (before) | change of AUC, all together [95 %] "
        "| real called fake (before) | other verdict | shift of real media, log-odds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for line in lines:
        mean = f"{line.mean[0]:.3f} ({line.mean[1]:.3f})" if line.mean else ""
        shift = "" if line.shift is None else f"{line.shift:+.2f}"
        alarms = f"{line.false_alarms[0]} ({line.false_alarms[1]})"
        cells = (line.handling, line.kind, line.media, line.lost, mean, line.change or "", alarms)
        rows.append(f"| {' | '.join(map(str, cells))} | {line.turned} | {shift} |")
    return "\n".join(rows) + "\n"
