"""API keys: random, kept only as hashes, with scopes and an end.

A key is ``ck_ID_SECRET``, where the secret has 256 random bits; so a plain SHA-256 protects it (slow hashes are for
words that people choose). The file is read again when it changes: a key made or revoked counts at once.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from catchlight.detector.errors import ConfigError, UnknownName

SCOPES: Mapping[str, str] = {
    "detect": "judge files and wait for the answer",
    "jobs": "submit, read, cancel and delete jobs",
    "metrics": "read /metrics",
}
FILENAME = "keys.json"
PREFIX = "ck"


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key; the secret itself is shown once, when it is made.

    Attributes:
        id: Public part, 12 hexadecimal digits; it names the key in logs and owns its jobs.
        name: What a person calls it.
        scopes: What it permits, of `SCOPES`.
        hash: SHA-256 of the secret.
        created: Seconds since 1970.
        expires: When it ends; None never.
        revoked: Whether it was taken back.
    """

    id: str
    name: str
    scopes: tuple[str, ...]
    hash: str
    created: float
    expires: float | None = None
    revoked: bool = False

    def valid(self, now: float) -> bool:
        """Whether it opens anything at this moment."""
        return not self.revoked and (self.expires is None or now < self.expires)


class Keyring:
    """The keys of one service, in a file that only its user can read.

    Args:
        path: The file; it need not exist.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ring = Keyring(Path(folder) / "keys.json")
        ...     text, key = ring.create("newsroom", ("detect",))
        ...     ring.find(text).name, ring.find(text[:-1] + "!")
        ('newsroom', None)
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._keys: dict[str, Key] = {}

    def create(self, name: str, scopes: tuple[str, ...], lifetime: float | None = None) -> tuple[str, Key]:
        """Make a key; the text is returned once and kept nowhere.

        Args:
            name: What a person calls it.
            scopes: What it permits.
            lifetime: Seconds until it ends; None never.

        Raises:
            UnknownName: No such scope.
            ConfigError: The file of keys can't be read or written.
        """
        for scope in scopes:
            if scope not in SCOPES:
                raise UnknownName("scope", scope, SCOPES)
        number, secret, now = secrets.token_hex(6), secrets.token_urlsafe(32), time.time()
        key = Key(number, name, scopes, _hash(secret), now, now + lifetime if lifetime else None)
        self._change(lambda keys: {**keys, key.id: key})
        return f"{PREFIX}_{number}_{secret}", key

    def revoke(self, id: str) -> Key:
        """Take a key back, for good.

        Raises:
            UnknownName: No such key.
            ConfigError: The file of keys can't be read or written.
        """
        revoked: list[Key] = []

        def change(keys: dict[str, Key]) -> dict[str, Key]:
            if id not in keys:
                raise UnknownName("API key", id, keys)
            revoked.append(replace(keys[id], revoked=True))
            return {**keys, id: revoked[0]}

        self._change(change)
        return revoked[0]

    def list(self) -> tuple[Key, ...]:
        """All keys, the oldest first."""
        return tuple(sorted(self._current().values(), key=lambda key: key.created))

    def find(self, text: str) -> Key | None:
        """The valid key of this text; None where there is none, and no hint why."""
        parts = text.split("_", 2)
        key = self._current().get(parts[1]) if len(parts) == 3 and parts[0] == PREFIX else None
        if key is None or not hmac.compare_digest(key.hash, _hash(parts[2])):
            return None
        return key if key.valid(time.time()) else None

    def _current(self) -> dict[str, Key]:
        with self._lock:
            try:
                facts = self._path.stat()
            except FileNotFoundError:
                return {}
            seen = (facts.st_mtime_ns, facts.st_ino)
            if seen != self._seen:
                self._keys, self._seen = _read(self._path), seen
            return self._keys

    def _change(self, change: Callable[[dict[str, Key]], dict[str, Key]]) -> None:
        with _alone(self._path):
            keys = change(_read(self._path) if self._path.exists() else {})
            partial = self._path.with_suffix(".partial")
            text = json.dumps({"keys": [asdict(key) for key in keys.values()]}, indent=1)
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(text)
            partial.replace(self._path)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> dict[str, Key]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["keys"]
        keys = [Key(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"the API keys in {path} can't be read ({error}); restore the file, or delete it and make new keys."
        ) from error
    return {key.id: key for key in keys}


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One change at a time, also between processes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
    except OSError as error:
        raise ConfigError(f"the API keys in {path} can't be written ({error}); check the folder.") from error
