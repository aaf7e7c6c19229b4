"""``catchlight bench``: speed and memory on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click


@click.command("bench")
@click.option(
    "--detector", default="mobilenet", show_default=True, help="Name, bundle folder or module:factory."
)
def command(detector: str) -> None:
    """Measure speed and memory; ratios were measured in one run."""
    from catchlight.generator.bench import recipe_rate, self_blend_rate
    from catchlight.serve import bench

    with tempfile.TemporaryDirectory() as folder:
        lines = bench.measure(Path(folder), detector)
    for line in lines:
        goal = f"   goal {line.goal} {line.unit}" if line.goal else ""
        click.echo(f"{line.what:34}{line.value:9.1f} {line.unit:3}{goal}")
    click.echo(f"{'self-blends at 256 px':34}{self_blend_rate():9.1f} /s    goal 150 /s")
    click.echo(f"{'recipe, self-blends, files written':34}{recipe_rate():9.1f} /s    goal 111 /s")
