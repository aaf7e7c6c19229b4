"""``catchlight demo``: makes four media and judges them as `catchlight detect` would."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("demo")
@click.option(
    "--out",
    default="demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder.",
)
@click.pass_context
def command(ctx: click.Context, out: Path) -> None:
    """Judge a real photograph, two forgeries made from it and a clip, and write OUT/report.html."""
    from catchlight.serve import demo
    from catchlight.serve.cli.detect import command as detect

    paths = demo.make(out)
    click.echo(f"Made {len(paths)} media in {out}; judging them with: catchlight detect {out}")
    report = out / "report.html"
    ctx.invoke(detect, paths=paths, page_path=report, detector="mobilenet", sampling="auto", frames=32)
    click.echo(f"The page with frames and faces: {report}")
