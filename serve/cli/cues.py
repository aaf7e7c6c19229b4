"""``catchlight cues``: the single signs: which there are, what is usual in real people, and what they are worth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.serve.cue_worth import Measured

MARKS = ("<!-- worth -->", "<!-- /worth -->")


@click.group("cues")
def command() -> None:
    """List the single signs (cues), fit what is usual in real people, and measure what each is worth."""


@command.command("list")
def list_() -> None:
    """Name every cue that is installed, with its unit and what is usual in real people."""
    from catchlight.detector.cues import normal, registry

    usual = normal.ranges()
    for name, meter in registry.meters(None).items():
        known = usual.get(name)
        said = f"{known.low:g} to {known.high:g} ({known.source})" if known else "no range yet"
        click.echo(f"{name:<11} {meter.unit:<27} {said}")


@command.command("fit")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--log", required=True, type=click.Path(path_type=Path), help="What was measured; resumes there."
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="File of the ranges; else those in use are replaced."
)
@click.option("--source", required=True, help="What the people are, in words, such as '80 clips of talks'.")
def fit(folder: Path, log: Path, out: Path | None, source: str) -> None:
    """Fit the usual range of each cue on the real media that FOLDER/index.csv names."""
    from catchlight.detector.cues import normal
    from catchlight.serve import cue_worth

    found = cue_worth.fit(_measured(folder, log, real_only=True), source)
    normal.write(found, out or normal.FILE)
    for name, one in found.items():
        click.echo(f"{name:<11} {one.low:g} to {one.high:g}, {one.people} people")


@command.command("worth")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--log", required=True, type=click.Path(path_type=Path), help="What was measured; resumes there."
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="Markdown file that gets the tables."
)
def worth(folder: Path, log: Path, out: Path | None) -> None:
    """Measure what each cue is worth on the media that FOLDER/index.csv names.

    An existing file keeps its text: only what stands between its marks <!-- worth --> and <!-- /worth --> is replaced.
    """
    from catchlight.serve import cue_worth

    results = _measured(folder, log, real_only=False)
    text = cue_worth.to_markdown(cue_worth.table(results), results)
    if out:
        out.write_text(_between(out, text), encoding="utf-8")
    click.echo(text)


def _measured(folder: Path, log: Path, real_only: bool) -> tuple[Measured, ...]:
    from catchlight.serve import benchmark, cue_worth
    from catchlight.serve.cli.progress import counter

    rows = [row for row in benchmark.read_index(folder) if row.label == "real" or not real_only]
    with counter(f"of {len(rows)} media") as count:
        return cue_worth.run(folder, rows, log, count)


def _between(file: Path, text: str) -> str:
    """The file's text with the tables between its marks, or the tables alone."""
    from catchlight.detector.errors import DataError

    if not file.is_file():
        return text
    whole = file.read_text(encoding="utf-8")
    head, begin, rest = whole.partition(MARKS[0])
    _, end, tail = rest.partition(MARKS[1])
    if not begin or not end:
        raise DataError(f"{file} has no marks {MARKS[0]} and {MARKS[1]}; add them where the tables belong")
    return f"{head}{begin}\n{text}{end}{tail}"
