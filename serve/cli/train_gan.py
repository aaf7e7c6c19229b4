"""``catchlight train-generator gan``: a generator of faces of nobody, from scratch."""

from __future__ import annotations

from pathlib import Path

import click

from catchlight.serve.cli.feedback import measured


@click.command("gan")
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--faces", required=True, type=click.Path(path_type=Path), help="Store made by `dataset faces`."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the run; resumes there."
)
@click.option(
    "--backbone",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="MobileNetV2's ImageNet weights (.h5), by whose features is measured; fixed random ones without it.",
)
def command(config: Path, faces: Path, out: Path, backbone: Path | None) -> None:
    """Train a generator of faces by CONFIG, a TOML file; it stops by itself.

    Killed or stopped, the same command goes on where it was. OUT/sheet.png shows what it can do by now, OUT/log.jsonl
    what was measured. OUT/neighbours.png shows real people of the store, beside the made faces that are nearest to
    them.
    """
    from catchlight.datasets.faces import open_store
    from catchlight.generator.gan import training

    plan = training.read_plan(config)
    store = open_store(faces)
    made = training.train_gan(plan, store, out, backbone, measured)
    ages, copies = made.ages, made.copies
    click.echo(
        f"{made.faces} faces; ages: {ages.told} told by name, {ages.minors} minors left out, {ages.trusted} "
        "adults by their collection's word"
    )
    click.echo(
        f"copies: {copies.share:.1%} of the made faces lie as near to a training face as the nearest 1 % of real "
        f"strangers do; nearer or farther than these: AUC {copies.auc:.2f}, 0.5 is alike. Look at "
        f"{out / 'neighbours.png'}"
    )
    _feedback(store, made.network)
    click.echo(str(made.network))


def _feedback(store, network: Path) -> None:  # type: ignore[no-untyped-def]
    from catchlight.generator.methods.gan_face import GanFace
    from catchlight.serve.cli.feedback import said

    click.echo(said(store, GanFace(str(network))))
