"""What the cues are worth: media of known truth -> each cue's range in real people, and its AUC by forgery method.

The cues are measured by the same `Pipeline` as in use, with a detector that knows nothing. A cue that can't be
measured on a medium lowers its coverage there and enters no AUC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from catchlight.detector import metrics
from catchlight.detector.cues import normal, registry
from catchlight.detector.cues.usual import TRUSTED, outside
from catchlight.detector.errors import MediaError
from catchlight.detector.media import Sampling
from catchlight.detector.pipeline import DetectConfig, Pipeline
from catchlight.detector.types import Crop, Cue, Scores
from catchlight.serve.benchmark import Row, resume

FRAMES = 12  # of a clip in which people are looked for; the cues then watch it densely
SMALLEST = 4  # media of each class below which no AUC is told
LITERATURE = {
    # Bentivoglio et al., "Analysis of blink rate patterns in normal subjects", Movement Disorders 12, 1997: means of
    # 4.5 a minute in reading, 17 at rest and 26 in conversation, with wide differences between people.
    "blink": normal.Range(3.0, 50.0, 0, "Bentivoglio et al. 1997: reading to lively conversation"),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """The cues of the most prominent person of one medium; none where there is no person."""

    path: str
    label: str
    method: str
    group: str
    kind: str
    cues: dict[str, Cue]


@dataclass(frozen=True, slots=True)
class Worth:
    """One cue on one method (or on all of a kind of media).

    Attributes:
        cue: Its name.
        method: The method, or ``all``.
        kind: ``image`` or ``video``.
        auc: Of its oddness against the real media; None where too few were measured.
        coverage: Share of the fakes on which it could be measured.
        odd: Share of those outside the normal range.
        odd_reals: Share of the real media outside the normal range; None where none was measured.
    """

    cue: str
    method: str
    kind: str
    auc: metrics.Estimate | None
    coverage: float
    odd: float
    odd_reals: float | None


class _Blind:
    """A detector that knows nothing, because only the cues are wanted."""

    def score(self, crops: Sequence[Crop]) -> Scores:
        return np.full(len(crops), 0.5)


def run(
    folder: Path, rows: Sequence[Row], log: Path, progress: Callable[[int, str], None] | None = None
) -> tuple[Measured, ...]:
    """Measure all cues of all media; what ``log`` (JSON Lines) already holds is not measured again.

    Args:
        folder: Where the media lie.
        rows: Which, and what they are.
        log: What was measured so far; goes on there.
        progress: Called after each medium with the number done and its path.
    """
    with Pipeline(DetectConfig(sampling=Sampling("even", FRAMES)), _Blind()) as pipeline:
        return resume(rows, log, lambda row: _measure(pipeline, folder, row), _read, progress)


def _measure(pipeline: Pipeline, folder: Path, row: Row) -> Measured:
    try:
        report = pipeline.analyse(folder / row.path).report
    except MediaError:
        return Measured(**asdict(row), kind="", cues={})
    cues = report.faces[0].cues if report.faces else {}
    return Measured(**asdict(row), kind=report.media.kind, cues=cues)


def _read(data: dict[str, Any]) -> Measured:
    return Measured(**{**data, "cues": {name: _cue(cue) for name, cue in data["cues"].items()}})


def _cue(data: dict[str, Any]) -> Cue:
    pairs: dict[str, Any] = {
        name: tuple(data[name]) if data[name] else None for name in ("normal", "interval")
    }
    return Cue(**{**data, **pairs})


def fit(results: Sequence[Measured], source: str) -> dict[str, normal.Range]:
    """The range of each cue in real people, one value for each group; fakes and doubtful measurements are left out.

    Args:
        results: What was measured.
        source: What the people are, in words.
    """
    found = dict(LITERATURE)
    for name, meter in registry.meters(tuple(registry.BUILT_IN)).items():
        by_group: dict[str, list[float]] = {}
        for one in results:
            cue = one.cues.get(name)
            if one.label == "real" and cue and cue.value is not None and (cue.quality or 0) >= TRUSTED:
                by_group.setdefault(one.group, []).append(cue.value)
        values = [float(np.median(of_group)) for of_group in by_group.values()]
        fitted = normal.fit(values, source, *(bool(getattr(meter, side, "")) for side in ("low", "high")))
        if fitted and name not in found:
            found[name] = fitted
    return found


def table(results: Sequence[Measured]) -> tuple[Worth, ...]:
    """Every cue on every method, and on all methods of a kind together, in the order of the cues."""
    usual = normal.ranges()
    lines = []
    for name in registry.BUILT_IN:
        for kind in ("video", "image"):
            of_kind = [one for one in results if one.kind == kind]
            methods = sorted({one.method for one in of_kind if one.label == "fake"})
            lines += [_worth(name, method, kind, of_kind, usual) for method in ("all", *methods)]
    return tuple(lines)


def _worth(
    name: str, method: str, kind: str, results: Sequence[Measured], usual: Mapping[str, normal.Range]
) -> Worth:
    fakes = [one for one in results if one.label == "fake" and method in ("all", one.method)]
    reals = [one for one in results if one.label == "real"]
    own = [one for one in reals if one.method == method]
    told = [[one for one in some if _value(one, name) is not None] for some in (fakes, own or reals)]
    odd = [float(np.mean([_is_odd(one, name, usual) for one in some])) if some else None for some in told]
    return Worth(
        name,
        method,
        kind,
        _auc(name, told[0], told[1], usual),
        len(told[0]) / max(len(fakes), 1),
        odd[0] or 0.0,
        odd[1],
    )


def _value(one: Measured, name: str) -> float | None:
    cue = one.cues.get(name)
    return cue.value if cue else None


def _is_odd(one: Measured, name: str, usual: Mapping[str, normal.Range]) -> bool:
    """Outside today's normal range, whatever range stood in the log; a clip too short to judge is never odd."""
    cue, meter, known = one.cues[name], registry.create(name), usual.get(name)
    if known is None or cue.details.get("seconds", 99.0) < getattr(meter, "judged_from", 0.0):
        return False
    side = outside(
        Cue("ok", cue.value, cue.unit, (known.low, known.high), cue.quality, interval=cue.interval)
    )
    return bool(side and getattr(meter, side, ""))


def _auc(
    name: str, fakes: Sequence[Measured], reals: Sequence[Measured], usual: Mapping[str, normal.Range]
) -> metrics.Estimate | None:
    """AUC of the cue's oddness: up, down, or away from the middle of what is usual, as the cue's words say."""
    if min(len(fakes), len(reals)) < SMALLEST:
        return None
    both = [*fakes, *reals]
    values = np.array([_value(one, name) for one in both], np.float64)
    meter = registry.create(name)
    if getattr(meter, "low", "") and getattr(meter, "high", ""):
        known = usual.get(name)
        values = np.abs(values - ((known.low + known.high) / 2 if known else float(np.median(values))))
    elif getattr(meter, "low", ""):
        values = -values
    labels = np.array([one.label == "fake" for one in both], np.int64)
    return metrics.estimate(values, labels, [one.group for one in both])


def to_markdown(lines: Sequence[Worth], results: Sequence[Measured]) -> str:
    """The tables as Markdown: one line in words for each cue and kind, then every method."""
    media = len(results)
    rows = [
        f"Measured on {media} media. AUC is of the cue alone, 0.5 is chance, [ ] its 95 % interval over people. "
        "Coverage is the share of fakes on which it could be measured; odd is the share of those, and of the real "
        "ones, outside the normal range.",
        "",
        "| cue | kind | AUC [95 %] | coverage | odd fakes | odd reals | in words |",
        "|---|---|---|---|---|---|---|",
    ]
    rows += [_row(line, line.kind, words(line)) for line in lines if line.method == "all"]
    for kind in ("video", "image"):
        methods = list(
            dict.fromkeys(line.method for line in lines if line.kind == kind and line.method != "all")
        )
        if methods:
            rows += ["", f"By method, {kind}: AUC and coverage.", ""]
            rows += ["| cue | " + " | ".join(methods) + " |", "|---" * (len(methods) + 1) + "|"]
            for name in registry.BUILT_IN:
                cells = [
                    _cell(line)
                    for line in lines
                    if (line.cue, line.kind) == (name, kind) and line.method != "all"
                ]
                rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"


def words(line: Worth) -> str:
    """What an AUC with its interval means, in a few words.

    Example:
        >>> words(Worth("seam", "all", "video", None, 0.1, 0.0, None))
        'measured on too few to tell'
    """
    if line.auc is None:
        return "measured on too few to tell"
    if line.auc.low > 0.5:
        return "tells something" if line.auc.value >= 0.65 else "tells a little"
    return "points the wrong way here" if line.auc.high < 0.5 else "worth nothing here"


def _row(line: Worth, kind: str, said: str) -> str:
    auc = f"{line.auc.value:.2f} [{line.auc.low:.2f}, {line.auc.high:.2f}]" if line.auc else "-"
    reals = "-" if line.odd_reals is None else f"{line.odd_reals:.0%}"
    return f"| {line.cue} | {kind} | {auc} | {line.coverage:.0%} | {line.odd:.0%} | {reals} | {said} |"


def _cell(line: Worth) -> str:
    return f"{line.auc.value:.2f} ({line.coverage:.0%})" if line.auc else f"- ({line.coverage:.0%})"
