"""Every setting of the service, in one place: from arguments, or from the environment as ``CATCHLIGHT_NAME``."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from catchlight.detector.config import build
from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.detector.media_limits import Limits

PREFIX = "CATCHLIGHT"
METRICS_FOLDER = (
    "PROMETHEUS_MULTIPROC_DIR"  # the variable by which prometheus-client lets processes share counters
)
TYPO = 0.85  # names of the environment that are this much like a setting are taken for a slip of the pen
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """How the service behaves. The defaults suit one machine, reached from itself alone.

    Raises:
        ConfigError: A limit is not positive, or two settings contradict each other.

    Example:
        >>> ServerConfig(max_body=1000).limits.max_bytes
        1000
    """

    detector: str = "mobilenet"  # judges where a request names no other
    detectors: tuple[str, ...] = ()  # others that a request may name; nothing else is ever loaded
    state: str = ""  # folder of jobs and API keys; "" is catchlight in the user's state folder (XDG)
    jobs: str = ""  # where jobs are kept, sqlite:///path or redis://host/0; "" is SQLite in `state`
    auth: Literal["off", "keys"] = "off"  # "keys" asks for an API key made by `catchlight keys create`
    rate_limit: str = "1200 per minute"  # a client's requests, in Flask-Limiter's words; "" for none
    rate_store: str = "memory://"  # where they are counted; redis://host/1 counts for several machines
    queue: int = 1  # requests that may wait while one is judged; more would only make all of them slow
    deadline: float = 10.0  # s that a request may wait and be judged, before it is given up
    picture_seconds: float = 2.5  # s in which a file must show its first picture, or it is refused
    sync_seconds: float = 20.0  # video longer than this becomes a job
    max_body: int = 256 * MB  # bytes of a request; also of a file fetched from an address
    body_seconds: float = 60.0  # s in which a request must have come; 20 kB/s after the first 5 s, too
    max_bodies: int = 16  # requests whose bodies may be on their way at once
    max_pixels: int = 50_000_000  # of one picture, read from its header
    max_duration: float = 3600.0  # s of a video, read from its header
    max_faces: int = 16  # of one picture, the largest; others are not judged
    max_batch: int = 16  # files of one batch
    max_waiting_jobs: int = 1000  # queued jobs, after which new ones are refused
    retain: float = 0.0  # s that a job's media are kept once it is judged; 0 deletes them at once
    keep_answers: int = 256  # answers kept in memory for requests that come again with an Idempotency-Key
    url_input: bool = False  # judge what an address shows: the server then makes requests for strangers
    url_timeout: float = 10.0  # s for the whole of such a request
    cors_origins: tuple[str, ...] = ()  # origins of web pages that may use the API; none by default
    trust_proxies: int = 0  # proxies in front whose X-Forwarded-For is believed

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in POSITIVE and not value > 0:
                raise ConfigError(f"{field.name} must be positive, received {value!r}.")
            if field.name in NOT_NEGATIVE and value < 0:
                raise ConfigError(f"{field.name} must not be negative, received {value!r}.")

    @property
    def names(self) -> tuple[str, ...]:
        """Every detector that may be asked for, the default first."""
        return (self.detector, *(name for name in self.detectors if name != self.detector))

    @property
    def folder(self) -> Path:
        """Where jobs and keys lie."""
        if self.state:
            return Path(self.state).expanduser()
        home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
        return Path(home).expanduser() / "catchlight"

    @property
    def jobs_url(self) -> str:
        """The store of jobs."""
        return self.jobs or f"sqlite:///{self.folder.absolute()}/jobs.sqlite"

    @property
    def limits(self) -> Limits:
        """What is refused of a file, by its header and by the time that decoding takes."""
        return Limits(
            max_bytes=self.max_body,
            max_image_bytes=min(self.max_body, Limits().max_image_bytes),
            max_pixels=self.max_pixels,
            max_duration=self.max_duration,
            max_faces=self.max_faces,
        )


POSITIVE = {
    "queue",
    "deadline",
    "picture_seconds",
    "sync_seconds",
    "max_body",
    "body_seconds",
    "max_bodies",
    "max_pixels",
    "max_duration",
    "max_faces",
    "max_batch",
    "max_waiting_jobs",
    "url_timeout",
}
NOT_NEGATIVE = {"retain", "keep_answers", "trust_proxies"}


def from_environment(overrides: Mapping[str, Any] | None = None) -> ServerConfig:
    """The settings of the environment, such as ``CATCHLIGHT_MAX_BODY=1000000``, and on top of them others.

    Args:
        overrides: Setting to value; None is as good as absent.

    Raises:
        UnknownName: A variable that looks like a mistyped setting.
        ConfigError: A value of another type than its setting.

    Example:
        >>> import os
        >>> os.environ["CATCHLIGHT_QUEUE"] = "3"
        >>> from_environment().queue
        3
        >>> del os.environ["CATCHLIGHT_QUEUE"]
    """
    from flask import Config  # a fifth of a second, which other commands that look up a setting need not wait

    found = Config("")
    found.from_prefixed_env(PREFIX)
    names = [field.name for field in fields(ServerConfig)]
    table: dict[str, Any] = {}
    for name, value in found.items():
        if name.lower() in names:
            table[name.lower()] = _listed(name.lower(), value)
        elif difflib.get_close_matches(name.lower(), names, 1, TYPO):
            raise UnknownName("setting in the environment", f"{PREFIX}_{name}", _variables(names))
    table |= {name: value for name, value in (overrides or {}).items() if value is not None}
    return build(ServerConfig, table, "the service's")


def _listed(name: str, value: Any) -> Any:
    """Lists may also be written with commas, since nobody likes to quote JSON for a shell."""
    if name in ("detectors", "cors_origins") and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _variables(names: list[str]) -> list[str]:
    return [f"{PREFIX}_{name.upper()}" for name in names]
