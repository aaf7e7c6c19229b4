"""A URL -> the store of jobs behind it.

    sqlite:///jobs.sqlite                 beside the working directory; sqlite:////var/lib/... is absolute
    redis://host:6379/0?media=/srv/jobs   for several machines; the folder is one that all of them share

Every setting of `Rules` may follow as a parameter: ``sqlite:///jobs.sqlite?keep=3600&attempts=5``.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.serve.jobs.folder import Folder
from catchlight.serve.jobs.records import Rules
from catchlight.serve.jobs.store import Store

SCHEMES = ("sqlite", "redis", "rediss", "unix")
MEDIA = "media"  # the parameter that names the folder of media


def open_store(url: str) -> Store:
    """Open a store, and make it where it is missing.

    Args:
        url: See above. SQLite keeps media in a folder beside its file unless ``media`` names another.

    Raises:
        ConfigError: The URL can't be used.
        UnknownName: It has an unknown scheme or parameter.
        StoreError: Database or folder can't be reached or written to.

    Example:
        >>> import tempfile
        >>> with open_store(f"sqlite:///{tempfile.mkdtemp()}/jobs.sqlite?keep=3600") as store:
        ...     store.rules.keep
        3600.0
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise UnknownName("store of jobs", parts.scheme or url, SCHEMES)
    given = dict(parse_qsl(parts.query))
    media = given.pop(MEDIA, None)
    rules = _rules(given)
    if parts.scheme == "sqlite":
        from catchlight.serve.jobs.sqlite_table import SqliteTable

        path = _path(url, parts.netloc, parts.path)
        return Store(SqliteTable(path), Folder(Path(media or f"{path}-media")), rules)
    from catchlight.serve.jobs.redis_table import RedisTable

    if media is None:
        raise ConfigError(
            f"jobs in Redis need a folder for media that all machines share: {url}?media=/path/of/the/folder"
        )
    return Store(RedisTable(url.partition("?")[0]), Folder(Path(media)), rules)


def _path(url: str, host: str, path: str) -> Path:
    if host or len(path) < 2:
        raise ConfigError(f"expected sqlite:///file, received {url!r}; four slashes begin an absolute path")
    return Path(path[1:]).absolute()


def _rules(given: dict[str, str]) -> Rules:
    kinds = {"attempts": int, "deliveries": int, "patience": float, "keep": float}
    values: dict[str, float] = {}
    for name, text in given.items():
        if name not in kinds:
            raise UnknownName(
                "parameter of the store of jobs", name, [MEDIA, *(f.name for f in fields(Rules))]
            )
        try:
            values[name] = kinds[name](text)
        except ValueError as error:
            raise ConfigError(f"store of jobs, {name}: expected a number, received {text!r}") from error
        if not values[name] > 0:
            raise ConfigError(f"store of jobs, {name}: expected a positive number, received {text!r}")
    return Rules(**values)  # type: ignore[arg-type]  # the table of kinds says which are whole
