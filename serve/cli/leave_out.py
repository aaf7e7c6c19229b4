"""``catchlight leave-out``: a network and a store of faces -> how well tools are recognised that nobody showed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.serve.left_out import LeftOut


@click.command("leave-out")
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--faces", required=True, type=click.Path(path_type=Path), help="Store made by `dataset faces`."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The table, a Markdown file.")
@click.option("--weights", type=click.Path(path_type=Path), help="Weights in place of the configuration's.")
@click.option(
    "--together", multiple=True, metavar="TOOL,TOOL,...", help="Tools that show the same people; repeatable."
)
@click.option(
    "--all-clips",
    is_flag=True,
    help="Judge the training split's forgeries, too: for a network that was trained on no tool's.",
)
def command(
    config: Path, faces: Path, out: Path, weights: Path | None, together: tuple[str, ...], all_clips: bool
) -> None:
    """Leave each tool out of the last layer's examples, and tell how well it is recognised then."""
    from contextlib import ExitStack
    from dataclasses import replace

    from catchlight.datasets import files
    from catchlight.datasets.faces import open_store
    from catchlight.detector.train import build
    from catchlight.serve import left_out, training
    from catchlight.serve.cli.progress import counter

    run = training.read_config(config)
    if weights is not None:
        run = replace(run, network=replace(run.network, initial_weights=str(weights)))
    store, model = open_store(faces), training.beside(run.network, build(run.network))
    groups = [tuple(name.strip() for name in names.split(",")) for names in together]
    with ExitStack() as reading:
        count = reading.enter_context(counter("pictures looked at"))

        def show(row: LeftOut) -> None:
            reading.close()  # what is drawn on standard error must not take standard output with it
            click.echo(f"without {row.tool}: AUC {row.auc} of {row.clips}")

        rows = left_out.leave_out(
            run,
            store,
            model,
            together=groups,
            all_clips=all_clips,
            report=show,
            reading=lambda number: count(number, ""),
        )
    text = left_out.to_markdown(rows)
    with files.whole(out) as partial:
        partial.write_text(text, encoding="utf-8")
    click.echo(text)
