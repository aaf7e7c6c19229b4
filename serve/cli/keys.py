"""``catchlight keys``: make, list and take back API keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from catchlight.serve.http.keys import Keyring

SCOPES = ("detect", "jobs", "metrics")
STATE = click.option("--state", metavar="FOLDER", help="The service's state folder; by default the user's.")


@click.group("keys")
def command() -> None:
    """Make, list and take back API keys for 'catchlight serve --auth keys'."""


@command.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="What it permits; by default detect and jobs.",
)
@click.option("--days", type=click.FloatRange(0, min_open=True), help="Days until it ends; by default never.")
@STATE
def create(name: str, scopes: tuple[str, ...], days: float | None, state: str | None) -> None:
    """Make a key called NAME; it is printed once and can't be shown again."""
    text, key = _ring(state).create(name, scopes or ("detect", "jobs"), days and days * 86400)
    click.echo(text)
    click.echo(
        f"Key {key.id} for {key.name}: {', '.join(key.scopes)}. Keep it; it is not shown again.", err=True
    )


@command.command("list")
@STATE
def list_keys(state: str | None) -> None:
    """List all keys; the secrets are not kept, so they can't be shown."""
    for key in _ring(state).list():
        end = "revoked" if key.revoked else f"until {_day(key.expires)}" if key.expires else "no end"
        click.echo(f"{key.id}  {_day(key.created)}  {end:16}  {','.join(key.scopes):20}  {key.name}")


@command.command("revoke")
@click.argument("id")
@STATE
def revoke(id: str, state: str | None) -> None:
    """Take the key with this ID back; the running service knows it at once."""
    key = _ring(state).revoke(id)
    click.echo(f"Key {key.id} for {key.name} is revoked.")


def _ring(state: str | None) -> Keyring:
    from catchlight.serve.http.config import from_environment
    from catchlight.serve.http.keys import FILENAME, Keyring

    return Keyring(from_environment({"state": state}).folder / FILENAME)


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
