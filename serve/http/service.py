"""What the views of one application work with, made once and found by `here`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.engine import Engine
from catchlight.serve.http.idempotency import Memory
from catchlight.serve.http.metrics import Metrics
from catchlight.serve.http.questions import Options
from catchlight.serve.http.spool import Spool
from catchlight.serve.jobs.types import JobStore

NAME = "catchlight"


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of one application."""

    config: ServerConfig
    metrics: Metrics
    engine: Engine
    spool: Spool
    store: JobStore
    memory: Memory


def here() -> Service:
    """The parts of the application that answers this request."""
    service: Service = current_app.extensions[NAME]
    return service


def wishes(options: Options, config: ServerConfig, *, page: bool = False, now: bool = True) -> dict[str, Any]:
    """What the sandbox is told: how to judge, and what to refuse.

    Args:
        options: What the client asked for.
        config: What the service permits.
        page: Whether the page for people is wanted, too.
        now: Whether the client waits; longer video is left for later then.

    Raises:
        UnknownName: A detector that this service doesn't offer.
        ConfigError: Options that contradict each other.
    """
    _check(options)
    name = options.detector or config.detector
    if name not in config.names:
        raise UnknownName("detector", name, config.names)
    limits: dict[str, Any] = {
        "max_bytes": config.limits.max_bytes,
        "max_image_bytes": config.limits.max_image_bytes,
        "max_pixels": config.max_pixels,
        "max_duration": config.max_duration,
        "max_faces": config.max_faces,
    }
    return {
        "detector": name,
        "sampling": {"policy": options.sampling, "count": options.frames},
        "limits": limits,
        "page": page,
        **_given(
            region=_region(options),
            thresholds=_thresholds(options),
            heatmap=options.heatmap or None,
            cues=None if options.cues else False,
            longest=config.sync_seconds if now else None,
        ),
    }


def _check(options: Options) -> None:
    if options.thresholds == "calibrated" and not (options.fake_above is None and options.real_below is None):
        raise ConfigError(
            "fake_above and real_below need thresholds=custom; leave them out for the calibrated ones"
        )
    if options.end is not None and (options.start or 0.0) >= options.end:
        raise ConfigError(f"start must come before end, received {options.start} and {options.end}")


def _given(**values: object) -> Mapping[str, object]:
    return {name: value for name, value in values.items() if value is not None}


def _region(options: Options) -> list[float | None] | None:
    if options.start is None and options.end is None:
        return None
    return [options.start or 0.0, options.end]


def _thresholds(options: Options) -> list[float | None] | None:
    return [options.fake_above, options.real_below] if options.thresholds == "custom" else None
