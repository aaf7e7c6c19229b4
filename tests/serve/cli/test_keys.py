"""`catchlight keys`: made once, listed without secrets, taken back."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from catchlight.serve.cli.main import main
from catchlight.serve.http.keys import FILENAME, SCOPES, Keyring


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["keys", *arguments], prog_name="catchlight")


def test_a_key_is_made_listed_and_revoked(tmp_path: Path) -> None:
    state = ["--state", str(tmp_path)]
    made = run("create", "newsroom", "--scope", "detect", "--days", "90", *state)
    assert made.exit_code == 0
    text = made.stdout.strip()
    key = Keyring(tmp_path / FILENAME).find(text)
    assert key
    assert (key.name, key.scopes) == ("newsroom", ("detect",))
    assert key.expires
    assert round((key.expires - key.created) / 86400) == 90
    listed = run("list", *state).stdout
    assert key.id in listed
    assert "newsroom" in listed
    assert text.split("_", 2)[2] not in listed
    assert run("revoke", key.id, *state).exit_code == 0
    assert Keyring(tmp_path / FILENAME).find(text) is None
    assert "revoked" in run("list", *state).stdout


def test_scopes_of_the_command_are_those_of_the_service(tmp_path: Path) -> None:
    for scope in SCOPES:
        assert run("create", "x", "--scope", scope, "--state", str(tmp_path)).exit_code == 0
    assert run("create", "x", "--scope", "everything", "--state", str(tmp_path)).exit_code == 2
    plain = run("create", "x", "--state", str(tmp_path))
    key = Keyring(tmp_path / FILENAME).find(plain.stdout.strip())
    assert key
    assert key.scopes == ("detect", "jobs")


def test_an_unknown_key_is_told(tmp_path: Path) -> None:
    result = run("revoke", "000000000000", "--state", str(tmp_path))
    assert result.exit_code == 2
    assert "unknown API key" in result.stderr
