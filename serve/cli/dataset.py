"""``catchlight dataset``: media -> stores of faces; stores and generated sets proven, shown and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catchlight.serve.report.words import printable

if TYPE_CHECKING:
    from catchlight.datasets.manifest import Sample

FOLDER = click.Path(path_type=Path)


@click.group("dataset")
def command() -> None:
    """Make stores of faces; prove, show and compare data sets."""


@command.command("faces")
@click.argument("sources", nargs=-1, required=True, type=FOLDER)
@click.option("--out", required=True, type=FOLDER, help="Folder of the store.")
@click.option("--frames", type=click.IntRange(1), default=16, show_default=True, help="Frames of each clip.")
@click.option(
    "--hold-out", "held_out", multiple=True, help="Forgery method seen in validation only; repeatable."
)
@click.option(
    "--identity",
    type=click.Choice(["folder", "none"]),
    default="none",
    show_default=True,
    help="Whether the folder of a medium names the person; an index beside the media names them itself.",
)
@click.option("--keep-duplicates", is_flag=True, help="Keep near-duplicates of one label too.")
@click.option("--normalise-light", is_flag=True, help="Even out the light on the stored faces.")
@click.option("--licence", default="", help="Of the media, where an index beside them states none.")
@click.option("--consent", default="", help="Of the people shown, likewise.")
def faces(
    sources: tuple[Path, ...],
    out: Path,
    frames: int,
    held_out: tuple[str, ...],
    identity: str,
    keep_duplicates: bool,
    normalise_light: bool,
    licence: str,
    consent: str,
) -> None:
    """Cut the faces of SOURCES (folders of photographs and clips) into the store OUT, split by person.

    Interrupted, the same command goes on where it stopped.
    """
    from catchlight.datasets import manifest, rejections
    from catchlight.datasets.faces import StoreConfig, make_store
    from catchlight.serve.cli.progress import counter

    config = StoreConfig(
        frames=frames,
        held_out=held_out,
        identity="folder" if identity == "folder" else "none",
        keep_duplicates=keep_duplicates,
        normalise_light=normalise_light,
        licence=licence,
        consent=consent,
    )
    with counter("faces") as count:
        store, rejected = make_store(sources, out, config, count)
    for (split, label, name), number in manifest.counts(store.samples).items():
        click.echo(f"{split:6}{label:6}{name:24}{number:7}")
    click.echo(f"{len(store.samples)} faces in {out}; {len(rejected)} rejected")
    _print_first([f"{number:7}  {reason}" for reason, number in rejections.by_reason(rejected).items()], 12)
    if rejected:
        click.echo(f"each of them in {out / rejections.FILENAME}")


@command.command("check")
@click.argument("folder", type=FOLDER)
@click.option("--limit", default=50, show_default=True, help="Problems to print; 0 prints all.")
def check(folder: Path, limit: int) -> None:
    """Prove FOLDER against its manifest: files, hashes, landmarks and splits; exit status 1 if something is wrong."""
    from catchlight.datasets.check import check as prove
    from catchlight.serve.cli.progress import counter

    with counter("pictures") as count:
        found = prove(folder, count)
    _print_first(map(str, found.faults), limit)
    if found.unproven:
        click.echo(
            f"{found.unproven} of {found.rows} rows have no hash of their pixels; their files are proven"
        )
    if found.faults:
        raise click.ClickException(f"{len(found.faults)} problem(s) in {found.rows} rows of {folder}")
    click.echo(f"{found.rows} rows of {folder}: files, hashes and splits are as the manifest says")


@command.command("show")
@click.argument("folder", type=FOLDER)
@click.option(
    "--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Contact sheet to write (.png, .jpg)."
)
def show(folder: Path, sheet: Path | None) -> None:
    """Count what FOLDER (or a manifest) holds, with quantiles of what was measured."""
    from catchlight.datasets import manifest, summary

    if sheet and sheet.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise click.BadParameter(
            f"a sheet is a .png or a .jpg; received {sheet.name!r}", param_hint="--sheet"
        )
    samples = manifest.read(folder)
    click.echo(f"{len(samples)} samples of {summary.people(samples)} people in {folder}")
    for column in summary.COLUMNS:
        found = summary.tally(samples, column)
        if set(found) != {"(none)"}:
            click.echo(f"\n{column}")
            _print_first([f"  {name:32}{number:9}" for name, number in found.items()], 40)
    click.echo("\nquantiles   " + "".join(f"{share:>9.0%}" for share in summary.SHARES))
    for measure in summary.MEASURES:
        if values := summary.quantiles(samples, measure):
            click.echo(f"{measure:12}" + "".join(f"{value:9.5g}" for value in values))
    if sheet:
        _write_sheet(sheet, manifest.locate(folder).parent, samples)


@command.command("diff")
@click.argument("a", type=FOLDER)
@click.argument("b", type=FOLDER)
@click.option("--limit", default=20, show_default=True, help="Rows to print of each kind; 0 prints all.")
def diff(a: Path, b: Path, limit: int) -> None:
    """Say what changed from A to B (folders or manifests): exit status 0 if nothing, 1 if something, 2 on trouble."""
    from catchlight.datasets.diff import compare
    from catchlight.detector.errors import CatchlightError

    try:
        found = compare(a, b)
    except CatchlightError as error:
        click.echo(f"Error: {error}", err=True)
        raise click.exceptions.Exit(2) from error
    _print_first([f"- {path}" for path in found.removed], limit)
    _print_first([f"+ {path}" for path in found.added], limit)
    _print_first([f"~ {c.path}: {_told(c.columns.items())}" for c in found.changed], limit)
    columns = ", ".join(f"{name} {number}" for name, number in found.by_column().items())
    click.echo(
        f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed"
        f"{f' ({columns})' if columns else ''}, {found.same} alike"
    )
    if found:
        raise click.exceptions.Exit(1)


@command.command("export")
@click.argument("folder", type=FOLDER)
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="File, .parquet or .csv."
)
def export(folder: Path, target: Path | None) -> None:
    """Write the manifest of FOLDER in another form; without --to as manifest.parquet beside it."""
    from catchlight.datasets import manifest

    samples = manifest.read(folder)
    target = target or manifest.locate(folder).with_name(manifest.PARQUET)
    manifest.write(target, samples)
    click.echo(f"{len(samples)} rows in {target}")


def _write_sheet(path: Path, folder: Path, samples: Sequence[Sample]) -> None:
    from PIL import Image

    from catchlight.datasets import files, summary

    drawn = Image.fromarray(summary.sheet(folder, samples))
    with files.whole(path) as partial:
        drawn.save(partial)
    click.echo(f"\n{path}: a row of pictures for each split, label and method or source")


def _print_first(lines: Iterable[str], limit: int) -> None:
    every = list(lines)
    for line in every[: limit or None]:
        click.echo(printable(line))
    if limit and len(every) > limit:
        click.echo(f"... and {len(every) - limit} more")


def _told(columns: Iterable[tuple[str, tuple[str, str]]]) -> str:
    return "; ".join(f"{name} {_short(old)} -> {_short(new)}" for name, (old, new) in columns)


def _short(text: str) -> str:
    return repr(text if len(text) <= 24 else f"{text[:21]}...")
