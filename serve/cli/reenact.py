"""``catchlight generate reenact``: the face of a photograph in the motion of a clip."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("reenact")
@click.option("--source", required=True, type=FILE, help="Photograph whose face is set in motion.")
@click.option("--driving", required=True, type=FILE, help="Clip whose motion and sound it takes.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write.")
@click.option(
    "--absolute",
    is_flag=True,
    help="Take the driving face's landmarks as they are, not only how they move.",
)
@click.option(
    "--side", type=click.IntRange(64, 1024), default=256, show_default=True, help="Pixels of the film."
)
@click.option(
    "--person",
    type=click.IntRange(1),
    help="Which person of the clip; 1, the default, is the most prominent.",
)
@click.option("--near", type=(float, float), help="Or whoever is nearest to this point: X Y, in pixels.")
@click.option(
    "--network",
    type=FILE,
    help="Compiled network of `train-generator motion`: OUT/motion.tflite of its run; the shipped one without it.",
)
@click.option("--check", is_flag=True, help="Let the shipped detector judge what was made.")
def command(
    source: Path,
    driving: Path,
    out: Path,
    absolute: bool,
    side: int,
    person: int | None,
    near: tuple[float, float] | None,
    network: Path | None,
    check: bool,
) -> None:
    """Set the face of a photograph in the motion of a clip.

    Beside OUT come OUT's name with .json and a row of manifest.csv. Sound and times are kept. The file says of itself
    that it is synthetic.
    """
    from catchlight.generator.motion.animator import SHIPPED, Animator
    from catchlight.generator.motion.clip import ReenactOptions, reenact
    from catchlight.generator.motion.records import record
    from catchlight.serve.cli.progress import counter

    path = network or SHIPPED
    options = ReenactOptions(side, "absolute" if absolute else "relative", person, near)
    with counter("frames") as show:
        made = reenact(
            source,
            driving,
            out,
            Animator(path),
            options,
            lambda stage, done, total: show(done, f"{stage} {total or ''}"),
        )
    report = record(made, path)
    held = f", in {len(made.held)} of them it stands still ({report.name} says which)" if made.held else ""
    click.echo(f"{made.frames} frames{held}; {1000 * made.seconds / made.frames:.0f} CPU ms a frame")
    if check:
        click.echo(_judged(out))


def _judged(out: Path) -> str:
    from catchlight.detector.pipeline import Pipeline

    with Pipeline() as pipeline:
        report = pipeline.analyse(out).report
    return f"detector: {report.verdict}" + (f" ({report.p_fake:.2f})" if report.p_fake is not None else "")
