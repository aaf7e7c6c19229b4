"""API keys: hashed, scoped, ended and taken back."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.serve.http.keys import Keyring


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "keys.json"


def test_a_key_is_found_by_its_text_and_only_by_all_of_it(path: Path) -> None:
    text, key = Keyring(path).create("newsroom", ("detect", "jobs"))
    found = Keyring(path).find(text)
    assert found == key
    assert found.scopes == ("detect", "jobs")
    for other in (text[:-1], text + "x", text.upper(), "", "ck", "ck__", f"ck_{key.id}_", "ck_\ud800_x"):
        assert Keyring(path).find(other) is None


def test_the_file_holds_no_secret_and_is_for_its_user_alone(path: Path) -> None:
    text, _ = Keyring(path).create("newsroom", ("detect",))
    assert text.split("_", 2)[2] not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_running_ring_sees_what_another_changes(path: Path) -> None:
    running, other = Keyring(path), Keyring(path)
    assert running.list() == ()
    text, key = other.create("newsroom", ("detect",))
    assert running.find(text) == key
    other.revoke(key.id)
    assert running.find(text) is None
    assert running.list()[0].revoked


def test_a_key_ends(path: Path) -> None:
    ring = Keyring(path)
    text, key = ring.create("guest", ("detect",), lifetime=1e-9)
    assert ring.find(text) is None
    assert key.valid(key.created - 1)


def test_keys_made_at_once_are_all_kept(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: Keyring(path).create(f"k{number}", ("jobs",)), range(16)))
    assert {key.id for _, key in made} == {key.id for key in Keyring(path).list()}


def test_what_is_unknown_is_told_with_what_is_valid(path: Path) -> None:
    ring = Keyring(path)
    with pytest.raises(UnknownName, match="detect, jobs, metrics"):
        ring.create("x", ("detekt",))
    with pytest.raises(UnknownName, match="API key"):
        ring.revoke("0")


def test_a_damaged_file_is_told_and_not_overwritten(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(ConfigError, match=r"keys\.json"):
        Keyring(path).create("x", ("detect",))
    assert path.read_text() == "{"
