"""``catchlight benchmark``: media of known truth -> a table by forgery method."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.detector.pipeline import Pipeline
    from catchlight.serve.benchmark import Result
    from catchlight.serve.handling import Handling


@click.command("benchmark")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of results; resumes there."
)
@click.option(
    "--detector", default="mobilenet", show_default=True, help="Name, bundle folder or module:factory."
)
@click.option("--frames", default=16, show_default=True, help="Frames of each clip, evenly spaced.")
@click.option(
    "--handled",
    multiple=True,
    metavar="NAME",
    help="Also judge each file after jpeg60, crf28, half or the like, and compare; 'all' for all. Repeatable.",
)
@click.option(
    "--card", metavar="TITLE", help="Add the table under this title to the model card of the bundle."
)
def command(
    folder: Path, out: Path, detector: str, frames: int, handled: tuple[str, ...], card: str | None
) -> None:
    """Judge the media that FOLDER/index.csv names, and tell by method how well that went."""
    from catchlight.detector.media import Sampling
    from catchlight.detector.pipeline import DetectConfig, Pipeline
    from catchlight.serve import benchmark
    from catchlight.serve.cli.progress import counter
    from catchlight.serve.handling import named

    chosen = named(handled)
    rows = benchmark.read_index(folder)
    out.mkdir(parents=True, exist_ok=True)
    config = DetectConfig(detector=detector, sampling=Sampling("even", frames), cues=())
    with Pipeline(config) as pipeline, counter(f"of {len(rows)} media") as count:
        results = benchmark.run(pipeline, folder, rows, out / "results.jsonl", count)
        text = benchmark.to_markdown(benchmark.table(results))
        if chosen:
            text += "\n" + _handled(pipeline, folder, out, results, chosen)
    (out / "table.md").write_text(text, encoding="utf-8")
    click.echo(text)
    if card:
        _add_to_card(detector, card, text)


def _handled(
    pipeline: Pipeline, folder: Path, out: Path, plain: Sequence[Result], chosen: Sequence[Handling]
) -> str:
    """The table of handlings; each one's results are kept in a log of its own."""
    from catchlight.serve import handled
    from catchlight.serve.cli.progress import counter

    lines: list[handled.Line] = []
    for handling in chosen:
        with counter(f"media handled by {handling.name}") as count:
            log = out / f"results-{handling.name}.jsonl"
            after = handled.run(pipeline, folder, plain, log, handling, count)
        lines += handled.compare(plain, after, handling.name)
    return handled.to_markdown(lines)


def _add_to_card(detector: str, title: str, text: str) -> None:
    """Put a table before the limits of a bundle's card, in place of an older one of that title."""
    from catchlight.detector.bundle import load
    from catchlight.serve.training import with_card

    bundle = load(detector)
    head, limits, tail = bundle.card.partition("## Limits")
    head = head.partition(f"## {title}\n")[0]
    with_card(bundle, f"{head}## {title}\n\n{text}\n{limits}{tail}")
