"""``catchlight train-generator``: networks that make forgeries, from scratch."""

from __future__ import annotations

from pathlib import Path

import click

from catchlight.serve.cli import train_gan, train_motion
from catchlight.serve.cli.feedback import in_words, measured, said

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PATH = click.Path(exists=True, path_type=Path)


@click.group("train-generator")
def command() -> None:
    """Train a network that makes forgeries."""


@command.command("autoencoder")
@click.argument("config", type=FILE)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the run; resumes there."
)
@click.option(
    "--faces",
    type=click.Path(path_type=Path),
    help="Store made by `dataset faces`, for a network of many people.",
)
@click.option("--a", type=PATH, help="Video or photographs of a pair's first person.")
@click.option("--b", type=PATH, help="Video or photographs of a pair's second person.")
@click.option(
    "--start",
    type=FILE,
    help="Weights (swap.npz) of another run to begin with, of which a pair takes the encoder; those that CONFIG names "
    "without it.",
)
@click.option(
    "--side",
    type=click.IntRange(32),
    help="Pixels that a compiled one-shot network takes; as trained without it.",
)
def autoencoder(
    config: Path,
    out: Path,
    faces: Path | None,
    a: Path | None,
    b: Path | None,
    start: Path | None,
    side: int | None,
) -> None:
    """Train the network of a face swap by CONFIG, a TOML file; it stops by itself.

    Killed or stopped, the same command goes on where it was. OUT/sheet.png shows what it can do by now, OUT/log.jsonl
    what was measured.
    """
    from catchlight.detector.errors import ConfigError
    from catchlight.generator.swap import training

    plan = training.read_plan(config)
    if plan.network.kind == "pair":
        if a is None or b is None:
            raise ConfigError(f"{config} is of a pair: give both people, --a and --b")
        made = training.train_pair(plan, a, b, out, measured, start)
        _feedback_of_pair(a, made.networks["b"])
    elif faces is None:
        raise ConfigError(f"{config} is of a network of many people: give a store of faces, --faces")
    elif plan.network.kind == "encoder":
        click.echo(str(training.train_encoder(plan, _opened(faces), out, measured, start)))
        return
    else:
        made = training.train_one_shot(plan, _opened(faces), out, measured, start, side)
        if made.likeness is not None:
            click.echo(f"identity is measured with an AUC of {made.likeness:.2f} on people it has not seen")
        _feedback(faces, made.networks["one_shot"])
    for path in made.networks.values():
        click.echo(str(path))


def _opened(faces: Path):  # type: ignore[no-untyped-def]
    from catchlight.datasets.faces import open_store

    return open_store(faces)


def _feedback(faces: Path, network: Path) -> None:
    from catchlight.generator.methods.autoencoder_swap import AutoencoderSwap

    click.echo(said(_opened(faces), AutoencoderSwap(str(network))))


def _feedback_of_pair(target: Path, network: Path) -> None:
    from catchlight.detector import registry
    from catchlight.generator.swap.drawer import Drawer
    from catchlight.generator.swap.feedback import pair_seen_by
    from catchlight.generator.swap.reference import references

    faces = [found.face for found in references(target)]
    click.echo(in_words(pair_seen_by(registry.create("mobilenet"), Drawer(network), faces)))


command.add_command(train_gan.command)
command.add_command(train_motion.command)
