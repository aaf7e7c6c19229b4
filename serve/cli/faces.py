"""``catchlight generate faces``: faces of nobody."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("faces")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option("--count", type=click.IntRange(1), default=16, show_default=True, help="Number of faces.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the faces.")
@click.option(
    "--truncation",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.8,
    show_default=True,
    help="Above 0 to 1: less is plainer and cleaner.",
)
@click.option(
    "--side", type=click.IntRange(32), help="Pixels that faces are enlarged to; as drawn without it."
)
@click.option(
    "--network",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compiled generator of `train-generator gan`: OUT/gan.tflite of its run; the shipped one without it.",
)
def command(
    out: Path, count: int, seed: int, truncation: float, side: int | None, network: Path | None
) -> None:
    """Draw faces of nobody, from random numbers alone.

    The same options give the same faces. Each picture says of itself that it is synthetic, and OUT/manifest.csv has a
    row for it.
    """
    from catchlight.generator.gan import faces
    from catchlight.generator.gan.maker import SHIPPED, FaceMaker

    path = network or SHIPPED
    made = faces.write(FaceMaker(path), path, out, count, seed, truncation, side)
    click.echo(f"{len(made)} faces of nobody in {out}")
