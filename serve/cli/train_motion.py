"""``catchlight train-generator motion``: a network that sets faces in motion, from scratch."""

from __future__ import annotations

from pathlib import Path

import click

from catchlight.serve.cli.feedback import measured


@click.command("motion")
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--clips",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of clips, each of one person before a camera; about a fifth is held out.",
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the run; resumes there."
)
@click.option(
    "--faces",
    type=click.Path(path_type=Path),
    help="Store made by `dataset faces`, whose stills are set in motion too.",
)
def command(config: Path, clips: Path, out: Path, faces: Path | None) -> None:
    """Train a network that moves faces by CONFIG, a TOML file; it stops by itself.

    Killed or stopped, the same command goes on where it was. OUT/sheet.png shows what it can do by now, OUT/log.jsonl
    what was measured.
    """
    from catchlight.datasets.faces import open_store
    from catchlight.generator.methods.motion import Motion
    from catchlight.generator.motion import training
    from catchlight.serve.cli.feedback import said

    plan = training.read_plan(config)
    store = open_store(faces) if faces else None
    made = training.train_motion(plan, clips, out, store, measured)
    for name, errors in (
        ("network", made.errors),
        ("copy of the source", made.copied),
        ("warp", made.warped),
    ):
        click.echo(
            f"{name}: {errors.picture:.2f} grey levels, {errors.face:.2f} in the face, landmarks off by "
            f"{errors.landmarks:.2%} of the face's height"
        )
    seen, kept, dropped = made.clips
    click.echo(f"{seen} clips learned from, {kept} held out, {dropped} without a usable face")
    if store:
        click.echo(said(store, Motion(str(made.network))))
    click.echo(str(made.network))
