"""How one file is judged, as plain JSON values: what travels to the sandbox and is kept with a job.

    {"detector": "mobilenet", "sampling": {"policy": "even", "count": 64}, "limits": {"max_duration": 600},
     "page": true}

All are optional; their meaning and defaults are those of `DetectConfig`, `Sampling` and `Limits`. Those of
`catchlight.serve.judging` (a part of the video, other thresholds, heatmaps) stand beside them. Who passes on what a
stranger asked for must check the detector's name first: a name may be a folder or code to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catchlight.detector.config import build
from catchlight.detector.errors import ConfigError, UnknownName

NAMES = ("detector", "sampling", "limits", "page")
MORE = (
    "region",
    "thresholds",
    "heatmap",
    "cues",
    "longest",
)  # their meaning: `catchlight.serve.judging.Wishes`


def check(options: Mapping[str, object]) -> None:
    """See that options can be used, without loading anything heavy but the decoders.

    Raises:
        UnknownName: There is no option or sampling policy of that name.
        ConfigError: A value is of another type, or out of its range.

    Example:
        >>> check({"sampling": {"count": 8}})
        >>> check({"sampling": {"counts": 8}})
        Traceback (most recent call last):
        catchlight.detector.errors.UnknownName: unknown setting in sampling 'counts'; did you mean 'count'? ...
    """
    from catchlight.serve import judging

    config(options)
    judging.wishes(options)


def config(options: Mapping[str, object]) -> Any:
    """The `DetectConfig` that the options describe; thumbnails are kept where a page is wanted.

    Raises:
        UnknownName: As `check`.
        ConfigError: As `check`.
    """
    from catchlight.detector.media_limits import Limits
    from catchlight.detector.media_sampling import Sampling
    from catchlight.detector.pipeline import DetectConfig

    for name in options:
        if name not in NAMES + MORE:
            raise UnknownName("option", str(name), NAMES + MORE)
    return DetectConfig(
        detector=_text(options.get("detector", "mobilenet")),
        sampling=build(Sampling, _table(options, "sampling"), "sampling"),
        limits=build(Limits, _table(options, "limits"), "limits"),
        thumbnails=wants_page(options),
    )


def wants_page(options: Mapping[str, object]) -> bool:
    """Whether the one-file HTML page is asked for, too.

    Raises:
        ConfigError: The value is neither true nor false.
    """
    value = options.get("page", False)
    if not isinstance(value, bool):
        raise ConfigError(f"option page: expected true or false, received {value!r}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ConfigError(f"option detector: expected a name, received {value!r}")
    return value


def _table(options: Mapping[str, object], name: str) -> Mapping[str, Any]:
    value = options.get(name, {})
    if not isinstance(value, Mapping):
        raise ConfigError(f"option {name}: expected a table of names to values, received {value!r}")
    return value
