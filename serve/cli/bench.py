"""``catchlight bench``: speed and memory on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.serve.bench import Measurement


@click.command("bench")
@click.option(
    "--detector", default="mobilenet", show_default=True, help="Name, bundle folder or module:factory."
)
@click.option("--service", is_flag=True, help="Measure the HTTP service in place of the library.")
@click.option(
    "--requests", type=click.IntRange(10), default=200, show_default=True, help="With --service: for latency."
)
@click.option(
    "--seconds",
    type=click.FloatRange(1),
    default=15,
    show_default=True,
    help="With --service: of throughput, and of overload.",
)
@click.option(
    "--many", type=click.IntRange(0), default=0, help="With --service: requests for growth of memory."
)
def command(detector: str, service: bool, requests: int, seconds: float, many: int) -> None:
    """Measure speed and memory; ratios were measured in one run."""
    if service:
        from catchlight.serve.http.load import LoadConfig, measure

        _show(measure(LoadConfig(requests=requests, seconds=seconds, many=many)))
        return
    from catchlight.generator.bench import recipe_rate, self_blend_rate
    from catchlight.serve import bench

    with tempfile.TemporaryDirectory() as folder:
        _show(bench.measure(Path(folder), detector))
    click.echo(f"{'self-blends at 256 px':34}{self_blend_rate():9.1f} /s    goal 150 /s")
    click.echo(f"{'recipe, self-blends, files written':34}{recipe_rate():9.1f} /s    goal 111 /s")


def _show(lines: tuple[Measurement, ...]) -> None:
    for line in lines:
        goal = f"   goal {line.goal} {line.unit}" if line.goal else ""
        click.echo(f"{line.what:34}{line.value:9.2f} {line.unit:3}{goal}")
