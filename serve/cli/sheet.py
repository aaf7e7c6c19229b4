"""``catchlight generate sheet``: what forgery methods make of one photograph, for a person to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.detector.types import Pixels
    from catchlight.generator.types import Method, Portrait

COLUMNS = 4
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("sheet")
@click.argument("photograph", type=FILE)
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Picture to write."
)
@click.option("--method", "methods", multiple=True, help="Method to show; repeatable; all without it.")
@click.option(
    "--source",
    type=FILE,
    help="Photograph of the face to put in; without it, a mirrored copy of PHOTOGRAPH in other light.",
)
@click.option(
    "--dial", is_flag=True, help="Columns are one forgery in hardness 0 (left) to 1, not four drawn ones."
)
@click.option(
    "--side", type=click.IntRange(64, 512), default=128, show_default=True, help="Pixels of a face."
)
@click.option("--seed", default=1, show_default=True, help="Of the forgeries.")
def command(
    photograph: Path,
    out: Path,
    methods: tuple[str, ...],
    source: Path | None,
    dial: bool,
    side: int,
    seed: int,
) -> None:
    """Show what forgery methods make of the largest face of PHOTOGRAPH, a row for each method."""
    from PIL import Image

    from catchlight.detector.errors import DataError
    from catchlight.generator import sheet

    rows = _rows(methods, dial)
    image = _first_frame(photograph)
    face = _portrait(image, side, photograph)
    other = _portrait(_first_frame(source) if source else _in_other_light(image), side, source or photograph)
    drawn = sheet.draw(face, rows, other, seed, vary=not dial)
    try:
        Image.fromarray(drawn).save(out)
    except (OSError, ValueError) as error:
        raise DataError(
            f"{out} can't be written: {error}; name a .png or .jpg in a folder that exists"
        ) from error
    click.echo(f"{out}: the face, what is put in, then forgeries with their masks; {len(rows)} methods")


def _rows(methods: Sequence[str], dial: bool) -> dict[str, list[Method]]:
    """Those that are named; without names all that can be made here, and a line for each that can't."""
    from catchlight.detector.errors import ConfigError
    from catchlight.generator import registry

    rows = {}
    for name in methods or registry.names():
        try:
            rows[name] = _columns(name, dial)
        except ConfigError as error:
            if methods:
                raise
            click.echo(f"{name} is left out: {error}", err=True)
    return rows


def _columns(name: str, dial: bool) -> list[Method]:
    from catchlight.generator import registry

    if dial:
        return [registry.create(name, hardness=step / (COLUMNS - 1)) for step in range(COLUMNS)]
    return [registry.create(name)] * COLUMNS


def _first_frame(path: Path) -> Pixels:
    from catchlight.detector import media

    return next(media.frames(path)).image


def _in_other_light(image: Pixels) -> Pixels:
    """A stand-in for a second person, so that a swap shows a seam."""
    import numpy as np

    from catchlight.datasets import degrade

    return np.ascontiguousarray(degrade.hue(degrade.tone(image, 12, 1.08, 0.92), -4, 1.2)[:, ::-1])


def _portrait(image: Pixels, side: int, path: Path) -> Portrait:
    """The largest face of a picture."""
    from catchlight.detector import align
    from catchlight.detector.errors import DataError
    from catchlight.detector.faces import FaceFinder
    from catchlight.generator.types import Portrait

    with FaceFinder() as finder:
        faces = finder.find(image)
    if not faces:
        raise DataError(f"{path} shows no face; choose a picture with a visible one")
    return Portrait(*align.cut(image, faces[0].landmarks, side))
