"""``catchlight generate``: forgeries made from real pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.generator.types import Portrait


@click.group("generate")
def command() -> None:
    """Make forgeries for training sets."""


@command.command("reconstruct")
@click.option(
    "--faces", required=True, type=click.Path(path_type=Path), help="Store made by `dataset faces`."
)
@click.option("--kind", "kinds", multiple=True, help="Kind of autoencoder; repeatable; all without it.")
@click.option("--each", default=1, show_default=True, help="Kinds drawn for each picture.")
@click.option("--count", type=click.IntRange(1), help="Pictures of each kind at most; all without it.")
@click.option("--seed", default=1, show_default=True, help="Of the draw of kinds.")
def reconstruct(faces: Path, kinds: tuple[str, ...], each: int, count: int | None, seed: int) -> None:
    """Send the real pictures of a store through autoencoders, to STORE/reconstructions; resumes."""
    from catchlight.datasets.faces import open_store
    from catchlight.generator.reconstructions import make
    from catchlight.serve.cli.progress import counter

    with counter("reconstructions") as show:
        made = make(open_store(faces), kinds, each, seed, count, show)
    click.echo(f"{made} reconstructions in {faces / 'reconstructions'}")


@command.command("sheet")
@click.argument("photograph", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Picture to write."
)
@click.option(
    "--side", type=click.IntRange(64, 512), default=128, show_default=True, help="Pixels of a face."
)
@click.option("--seed", default=1, show_default=True, help="Of the forgeries.")
def sheet(photograph: Path, out: Path, side: int, seed: int) -> None:
    """Show what self-blending makes of the largest face of PHOTOGRAPH, a row for each kind of mask."""
    from PIL import Image

    from catchlight.generator import masks
    from catchlight.generator import sheet as sheets
    from catchlight.generator.methods.self_blend import SelfBlend

    drawn = sheets.draw(_portrait(photograph, side), {k: SelfBlend(k) for k in masks.KINDS}, seed=seed)
    Image.fromarray(drawn).save(out)
    click.echo(f"{out}: the face, then forgeries with their masks")


def _portrait(photograph: Path, side: int) -> Portrait:
    """The largest face of the first frame of a file."""
    from catchlight.detector import align, media
    from catchlight.detector.errors import DataError
    from catchlight.detector.faces import FaceFinder
    from catchlight.generator.types import Portrait

    image = next(media.frames(photograph)).image
    with FaceFinder() as finder:
        faces = finder.find(image)
    if not faces:
        raise DataError(f"{photograph} shows no face; choose a picture with a visible one")
    return Portrait(*align.cut(image, faces[0].landmarks, side))
