"""``catchlight generate RECIPE`` and ``catchlight generate explain``: sets from recipes, and what is in them."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.generator.plan import Draft
    from catchlight.generator.recipe import Recipe

RUN = "run"


class RecipeGroup(click.Group):
    """A group whose first word may be a recipe instead of a subcommand: ``generate mine.toml`` runs it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take ``generate --faces DIR RECIPE``, options first, as a run too."""
        if args and args[0].startswith("--") and args[0] not in ctx.help_option_names:
            args = [RUN, *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of this name, or the one that runs it where it is a recipe."""
        known = super().get_command(ctx, cmd_name)
        return known or (self.commands[RUN] if _is_recipe(cmd_name) else None)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, but a recipe stays among the arguments."""
        word = args[0]
        if word not in self.commands and _is_recipe(word):
            return RUN, self.commands[RUN], args
        if word not in self.commands:
            raise click.UsageError(_unknown(word, self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


def _is_recipe(word: str) -> bool:
    if word.endswith(".toml"):
        return True
    from catchlight.generator.recipe import names

    return word in names()


def _unknown(word: str, commands: list[str]) -> str:
    from catchlight.detector.errors import UnknownName
    from catchlight.generator.recipe import names

    error = UnknownName("subcommand or recipe", word, [*commands, *names()])
    return f"{error}; or the path of a recipe, which ends in .toml"


def register(group: click.Group) -> None:
    """Add the commands of this module to ``catchlight generate``."""
    group.add_command(run)
    group.add_command(explain)


@click.command(RUN)
@click.argument("recipe")
@click.option("--faces", required=True, type=click.Path(path_type=Path), help="Store of real faces.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the set.")
@click.option("--count", type=click.IntRange(1), help="Number of samples; the recipe's without it.")
@click.option("--workers", type=click.IntRange(1), help="Processes; one for each core without it.")
@click.option("--dry-run", is_flag=True, help="Say what would be made, and write nothing.")
@click.option("--engine", default="local", show_default=True, help="local, or ray for a Ray cluster.")
def run(
    recipe: str, faces: Path, out: Path, count: int | None, workers: int | None, dry_run: bool, engine: str
) -> None:
    """Make the set of RECIPE (a TOML file or a checked-in name) from real faces; resumes.

    The same recipe and faces give the same files, however many workers make them.
    """
    from catchlight.generator import recipe as recipes
    from catchlight.generator.run import run as make
    from catchlight.serve.cli.progress import counter

    chosen = recipes.read(recipe)
    if dry_run:
        _show_plan(chosen, faces, count, engine)
        return
    workers = workers or os.cpu_count() or 1
    with counter("samples") as show:
        result = make(chosen, faces, out, count, workers, engine, show)
    kept = result.samples - result.made
    repaired = (
        f", {result.repaired} of them because their files had gone or changed" if result.repaired else ""
    )
    click.echo(f"{result.samples} samples in {out}: {kept} were there, {result.made} made now{repaired}")
    click.echo(f"tree {result.tree}")


def _show_plan(recipe: Recipe, faces: Path, count: int | None, engine: str) -> None:
    from catchlight.datasets.faces import open_store
    from catchlight.generator import engines
    from catchlight.generator.plan import plan

    engines.create(engine)
    drafts = plan(recipe, open_store(faces), count)
    for name, number in Counter(draft.method for draft in drafts).items():
        click.echo(f"{name:24}{number:7}")
    click.echo(f"{len(drafts)} samples of {recipe.title}, each with its real partner; nothing was made")
    click.echo(f"recipe {recipe.fingerprint}")


@click.command("explain")
@click.argument("sample")
@click.option(
    "--out", default=".", show_default=True, type=click.Path(path_type=Path), help="Folder of the set."
)
@click.option("--faces", type=click.Path(path_type=Path), help="Its store, where that has moved.")
def explain(sample: str, out: Path, faces: Path | None) -> None:
    """Make SAMPLE (an id, or a path of the manifest) again from its row, and compare its hashes."""
    from catchlight.detector.errors import DataError
    from catchlight.generator.explain import explain as make_again

    found = make_again(out, sample, faces)
    for line in _lines(found.draft):
        click.echo(line)
    for proof in found.proofs:
        click.echo(f"{'same bytes' if proof.fits else 'DIFFERS':12}{proof.path}  {proof.again}")
    if not found.fits:
        wrong = next(proof for proof in found.proofs if not proof.fits)
        raise DataError(
            f"{wrong.path}: made again {wrong.again[:12]}, on disk {wrong.stored[:12]}, in the manifest "
            f"{wrong.stated[:12] or '(none)'}; was the file, its row or the store changed, or was it made by "
            "another version of catchlight or its libraries?"
        )


def _lines(draft: Draft) -> list[str]:
    jitter = draft.jitter
    shown = {
        "recipe": f"{draft.recipe}, key {draft.key}",
        "method": f"{draft.method} {dict(draft.options) or ''}".rstrip(),
        "target": draft.target,
        "donor": draft.donor or "none",
        "crop": f"{draft.side} px, shift {jitter.shift[0]:+.3f} {jitter.shift[1]:+.3f}, scale {jitter.scale:.3f}, "
        f"turn {jitter.angle:+.3f} rad{', mirrored' if jitter.flip else ''}",
        "history": ", ".join(f"{s.name}({', '.join(f'{v:g}' for v in s.values)})" for s in draft.history)
        or "none",
        "format": f"jpeg {draft.quality}" if draft.format == "jpeg" else draft.format,
    }
    return [f"{name:12}{text}" for name, text in shown.items()]
