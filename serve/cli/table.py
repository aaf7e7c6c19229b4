"""Reports as tables for a terminal: a card for one file, a row each for several.

Everything that comes from a file is set as `rich.text.Text`, never as markup, and made printable first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from catchlight.detector.types import FaceReport, Report, Verdict
from catchlight.serve.report import words
from catchlight.serve.report.words import Problem

COLOURS: dict[str, str] = {"fake": "red", "real": "green", "undecided": "yellow", "failed": "magenta"}


def show(outcomes: Sequence[Report | Problem], console: Console, details: bool = False) -> None:
    """Print what was judged: a card for one file, else a table with a count.

    Args:
        outcomes: Reports and problems, in the order of the files.
        console: Where to print.
        details: Add the model, the hash and the timings to a card.
    """
    if len(outcomes) == 1:
        only = outcomes[0]
        # A single problem has been told on standard error; a table would only repeat it.
        if not isinstance(only, Problem):
            console.print(card(only, details))
    elif outcomes:
        console.print(overview(outcomes))
        console.print(Text(tally(outcomes)))


def card(report: Report, details: bool = False) -> RenderableType:
    """One report as a panel: verdict, probability, meaning, a row for each person, warnings."""
    path = Text(words.printable(report.media.path), style="bold", overflow="fold")
    meaning = Text(words.meaning(report.verdict, report.p_fake))
    parts: list[RenderableType] = [path, _headline(report), meaning]
    # The row of the only person says the same once more.
    if [face.reasons for face in report.faces] != [report.reasons]:
        parts += [Text(f"• {words.reason(reason)}") for reason in report.reasons]
    if report.faces:
        parts.append(_people(report.faces))
    parts += [Text(f"Note: {words.reason(warning)}", style="yellow") for warning in report.warnings]
    facts = [words.medium(report.media), f"judged by {_model(report)}"]
    parts.append(Padding(Text("; ".join(facts), style="dim"), (1, 0, 0, 0)))
    if details:
        parts += [Text(line, style="dim") for line in _details(report)]
    return Panel(Group(*parts), border_style=COLOURS[report.verdict])


def overview(outcomes: Sequence[Report | Problem]) -> Table:
    """Several outcomes as a table, one row each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Forged?", no_wrap=True, justify="right")
    table.add_column("Interval", no_wrap=True)
    table.add_column("People", justify="right")
    table.add_column("File", overflow="fold", ratio=2)
    table.add_column("Why", overflow="fold", ratio=3)
    for outcome in outcomes:
        table.add_row(*_row(outcome))
    return table


def tally(outcomes: Sequence[Report | Problem]) -> str:
    """The closing count, such as ``3 files: 1 fake, 0 real, 2 undecided``."""
    found = Counter("failed" if isinstance(o, Problem) else o.verdict for o in outcomes)
    parts = [f"{found[verdict]} {verdict}" for verdict in ("fake", "real", "undecided")]
    parts += [f"{found['failed']} failed"] * bool(found["failed"])
    return f"{words.count(len(outcomes), 'file')}: {', '.join(parts)}"


def _row(outcome: Report | Problem) -> tuple[Text, ...]:
    if isinstance(outcome, Problem):
        # What to do about it was told on standard error when it happened.
        what = outcome.message.removeprefix(outcome.path).partition("; ")[0].strip()
        cells = ("", "", "", words.printable(outcome.path), words.reason(what))
        return (Text("✕ failed", style=COLOURS["failed"]), *map(Text, cells))
    why = outcome.reasons or outcome.warnings or ("",)
    cells = (
        "-" if outcome.p_fake is None else words.percent(outcome.p_fake),
        words.interval(outcome.interval),
        str(len(outcome.faces)),
        words.printable(outcome.media.path),
        words.reason(why[0]),
    )
    return (_verdict(outcome.verdict), *map(Text, cells))


def _verdict(verdict: Verdict) -> Text:
    return Text(f"{words.SYMBOLS[verdict]} {verdict}", style=f"bold {COLOURS[verdict]}")


def _headline(report: Report) -> Text:
    line = _verdict(report.verdict)
    if report.p_fake is not None:
        line.append(f"   probability of forgery {words.percent(report.p_fake)}", style="bold default")
        if report.interval:
            line.append(f"  (95% interval {words.interval(report.interval)})", style="not bold default")
    return line


def _people(faces: Sequence[FaceReport]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Person", "Verdict", "Forged?", "Interval"):
        table.add_column(name, no_wrap=True)
    table.add_column("Frames", justify="right")
    table.add_column("Why", overflow="fold")
    for face in faces:
        cells = ("-" if face.p_fake is None else words.percent(face.p_fake), words.interval(face.interval))
        why = "\n".join(words.reason(reason) for reason in face.reasons)
        table.add_row(
            words.person(face.track), _verdict(face.verdict), *cells, str(len(face.frames)), Text(why)
        )
    return table


def _model(report: Report) -> str:
    return words.printable(f"{report.model.name} {report.model.version}".strip())


def _details(report: Report) -> list[str]:
    model = report.model
    ece = "" if model.calibration_ece is None else f", calibration error {model.calibration_ece:.3f}"
    timings = ", ".join(f"{stage} {spent:.0f} ms" for stage, spent in report.timings_ms.items())
    return [
        f"file sha256 {report.media.sha256}",
        f"model sha256 {model.sha256 or 'none'}, calibration {model.calibration_id or 'none'}{ece}",
        f"time: {timings}",
    ]
