"""``catchlight dataset``: media -> stores of faces."""

from __future__ import annotations

import csv
from pathlib import Path

import click


@click.group("dataset")
def command() -> None:
    """Make and look at stores of faces."""


@command.command("faces")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the store.")
@click.option("--frames", default=16, show_default=True, help="Frames of each clip.")
@click.option(
    "--hold-out", "held_out", multiple=True, help="Forgery method seen in validation only; repeatable."
)
def faces(sources: tuple[Path, ...], out: Path, frames: int, held_out: tuple[str, ...]) -> None:
    """Cut the faces of SOURCES (folders of photographs and clips) into the store OUT, split by person."""
    from catchlight.datasets import manifest
    from catchlight.datasets.faces import StoreConfig, make_store
    from catchlight.serve.cli.progress import counter

    config = StoreConfig(frames=frames, held_out=held_out)
    with counter("faces") as count:
        store, rejected = make_store(sources, out, config, count)
    for (split, label, name), number in manifest.counts(store.samples).items():
        click.echo(f"{split:6}{label:6}{name:24}{number:7}")
    click.echo(f"{len(store.samples)} faces in {out}; {len(rejected)} media without a usable face")
    with (out / "rejected.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([("path", "reason"), *((r.path, r.reason) for r in rejected)])
