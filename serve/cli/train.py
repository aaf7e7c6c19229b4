"""``catchlight train``: a configuration and a store of faces -> a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.detector.train import Progress


@click.command("train")
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--faces", required=True, type=click.Path(path_type=Path), help="Store made by `dataset faces`."
)
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the run; resumes there."
)
@click.option(
    "--backbone",
    type=click.Path(path_type=Path),
    help="ImageNet weights of the backbone, in place of CONFIG's.",
)
@click.option("--weights-only", is_flag=True, help="Leave the weights in OUT; no calibration, no bundle.")
def command(config: Path, faces: Path, out: Path, backbone: Path | None, weights_only: bool) -> None:
    """Train a detector by CONFIG, a TOML file, and write its bundle to OUT/bundle.

    Killed or stopped, the same command goes on where it was.
    """
    from catchlight.datasets.faces import open_store
    from catchlight.serve import training

    run = training.read_config(config, backbone)
    network = run.network
    if not network.backbone_weights and not network.initial_weights and network.network != "meso":
        click.echo(
            "warning: neither --backbone nor backbone_weights: the network starts at random and needs far longer",
            err=True,
        )
    store = open_store(faces)
    model = training.train_network(run, store, out, _show)
    if weights_only:
        return
    click.echo("trained; compiling, and calibrating on held-out people")
    command = f"catchlight train {config} --faces STORE --out RUN" + (
        " --backbone WEIGHTS" if backbone else ""
    )
    bundle = training.make_bundle(run, store, model, out, config.stem, command)
    click.echo(f"bundle {bundle.name} {bundle.version} in {bundle.folder}; its numbers are in card.md")


def _show(state: Progress) -> None:
    by_family = "  ".join(f"{name} {auc:.3f}" for name, auc in state.auc.items())
    click.echo(
        f"epoch {state.epoch}/{state.epochs}  loss {state.loss:.3f}  AUC {state.mean_auc:.3f}  "
        f"[{by_family}]  {state.seconds:.0f} s"
    )
