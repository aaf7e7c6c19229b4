"""``catchlight generate swap``: another person's face in a video or picture, frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.generator.swap.clip import Swapped

PATH = click.Path(exists=True, path_type=Path)


@click.command("swap")
@click.option("--target", required=True, type=PATH, help="Video or picture whose face is replaced.")
@click.option("--source", type=PATH, help="The person to put in: a photograph, a folder of them, or a video.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option(
    "--network",
    type=PATH,
    help="Compiled network of `train-generator autoencoder`; the shipped one without it.",
)
@click.option(
    "--person",
    type=click.IntRange(1),
    help="Which person of the target; 1, the default, is the most prominent.",
)
@click.option("--near", type=(float, float), help="Or whoever is nearest to this point: X Y, in pixels.")
@click.option(
    "--least",
    default=0.1,
    show_default=True,
    help="Quality of a frame, 0 to 1, under which it stays as it is.",
)
@click.option("--mask/--no-mask", default=True, show_default=True, help="Write the mask too, beside OUT.")
@click.option(
    "--check", is_flag=True, help="Let the shipped detector judge the target and what was made of it."
)
def command(
    target: Path,
    source: Path | None,
    out: Path,
    network: Path | None,
    person: int | None,
    near: tuple[float, float] | None,
    least: float,
    mask: bool,
    check: bool,
) -> None:
    """Put the face of a person into a video or picture.

    Beside OUT come its mask, OUT's name with .json (what became of each frame, and why some stayed as they were), and a
    row of manifest.csv. Sound and times are kept. The file says of itself that it is synthetic.
    """
    from catchlight.generator.swap.clip import SwapOptions, swap
    from catchlight.generator.swap.drawer import ONE_SHOT, Drawer
    from catchlight.generator.swap.records import record
    from catchlight.generator.swap.reference import references
    from catchlight.serve.cli.progress import counter

    used = network or ONE_SHOT
    found = references(source) if source else ()
    with counter("frames") as show:
        made = swap(
            target,
            out,
            Drawer(used),
            found,
            SwapOptions(person, near, least, mask=mask),
            lambda stage, done, total: show(done, f"{stage} {total or ''}"),
        )
    report = record(made, used, source)
    click.echo(_said(made, report))
    if check:
        click.echo(_judged(target, out))


def _said(made: Swapped, report: Path) -> str:
    kept = len(made.frames) - made.swapped
    stayed = f", {kept} stayed as they were ({report.name} says why)" if kept else ""
    lines = [f"{made.swapped} of {len(made.frames)} frames swapped{stayed}"]
    if len(made.frames) > 1:
        lines.append(
            f"flicker {made.flicker[0]:.2f} grey levels, {made.flicker[1]:.2f} before; "
            f"{1000 * made.seconds / len(made.frames):.0f} CPU ms a frame"
        )
    people = made.people.split("; ")
    if len(people) > 1:
        lines += ["people in it:", *(f"  {who}" for who in people)]
    return "\n".join(lines)


def _judged(target: Path, out: Path) -> str:
    from catchlight.detector.pipeline import Pipeline

    with Pipeline() as pipeline:
        reports = [pipeline.analyse(path).report for path in (target, out)]
    said = [f"{r.verdict}" + (f" ({r.p_fake:.2f})" if r.p_fake is not None else "") for r in reports]
    return f"detector: {said[0]} before, {said[1]} after"
