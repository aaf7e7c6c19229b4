"""``catchlight generate``: forgeries made from real pictures."""

from __future__ import annotations

from pathlib import Path

import click

from catchlight.serve.cli import faces as gan_faces
from catchlight.serve.cli import recipes, reenact, sheet, swap


@click.group("generate", cls=recipes.RecipeGroup, subcommand_metavar="RECIPE | COMMAND [ARGS]...")
def command() -> None:
    """Make forgeries for training sets: from a recipe, or one step by hand."""


recipes.register(command)


@command.command("reconstruct")
@click.option(
    "--faces", required=True, type=click.Path(path_type=Path), help="Store made by `dataset faces`."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Kind of autoencoder, or a restoration network; repeatable; all autoencoders without it.",
)
@click.option("--each", default=1, show_default=True, help="Kinds drawn for each picture.")
@click.option("--count", type=click.IntRange(1), help="Pictures of each kind at most; all without it.")
@click.option("--seed", default=1, show_default=True, help="Of the draw of kinds.")
def reconstruct(faces: Path, kinds: tuple[str, ...], each: int, count: int | None, seed: int) -> None:
    """Draw the real pictures of a store again by autoencoders or restoration networks, to STORE/reconstructions.

    Resumes. Restoration networks (esrgan, esrgan_anime, esrgan_video, cugan, waifu2x) come as packages of others.
    """
    from catchlight.datasets.faces import open_store
    from catchlight.generator.reconstructions import make
    from catchlight.serve.cli.progress import counter

    with counter("reconstructions") as show:
        made = make(open_store(faces), kinds, each, seed, count, show)
    click.echo(f"{made} reconstructions in {faces / 'reconstructions'}")


command.add_command(sheet.command)
command.add_command(swap.command)
command.add_command(gan_faces.command)
command.add_command(reenact.command)
