"""What a client of the service may ask of a pipeline beyond `DetectConfig`, for one file at a time.

    {"region": [10, 20], "thresholds": [0.9, 0.1], "heatmap": true, "cues": false, "longest": 20}

All are optional. They are plain JSON values because they travel to the sandbox and are kept with jobs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

from catchlight.detector.calibration import Calibration
from catchlight.detector.cues.registry import meters
from catchlight.detector.errors import ConfigError, MediaTooLong
from catchlight.detector.media import probe
from catchlight.detector.pipeline import Analysis, Pipeline
from catchlight.detector.registry import Calibrated, Detector

NAMES = ("region", "thresholds", "heatmap", "cues", "longest")
DIGITS = 4  # of a heatmap's values

Progress = Callable[[int, int | None], None]
Region = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was asked.

    Attributes:
        region: Seconds of a video from which on, and up to which, frames are judged; None is the end.
        thresholds: ``fake_above`` and ``real_below`` in place of the calibrated ones; None keeps one.
        heatmap: Whether heatmaps are told.
        cues: Whether cues are measured.
        longest: Seconds of video (of its region) after which `MediaTooLong` is raised; None for no end.
    """

    region: Region | None = None
    thresholds: tuple[float | None, float | None] | None = None
    heatmap: bool = False
    cues: bool = True
    longest: float | None = None


def wishes(options: Mapping[str, Any]) -> Wishes:
    """Read them; other names are left to `catchlight.serve.sandbox.options`.

    Raises:
        ConfigError: A value is of another kind.

    Example:
        >>> wishes({"region": [1, None], "detector": "meso"}).region
        (1, None)
    """
    found: dict[str, Any] = {name: options[name] for name in NAMES if options.get(name) is not None}
    for name in ("region", "thresholds"):
        if name in found:
            found[name] = _pair(name, found[name])
    for name in ("heatmap", "cues"):
        if not isinstance(found.get(name, True), bool):
            raise ConfigError(f"option {name}: expected true or false, received {found[name]!r}")
    return Wishes(**found)


class Judging(Pipeline):
    """A pipeline whose settings can be others for one file."""

    @contextmanager
    def set_for(self, wished: Wishes) -> Iterator[None]:
        """As wished for the time of a ``with`` block, and then as before."""
        before = self.detector, self.config, self._meters
        try:
            if wished.region:
                start, end = wished.region
                part = replace(self.config.sampling, start=start or 0.0, stop=inf if end is None else end)
                self.config = replace(self.config, sampling=part)
            if wished.thresholds:
                self.detector = with_thresholds(self.detector, *wished.thresholds)
            if not wished.cues:
                self.config, self._meters = replace(self.config, cues=()), meters(())
            yield
        finally:
            self.detector, self.config, self._meters = before


def judge(pipeline: Judging, path: Path, wished: Wishes, progress: Progress | None = None) -> Analysis:
    """Judge one file as wished; the pipeline is afterwards as before.

    Raises:
        MediaTooLong: It is over ``wished.longest``.
        MediaError: As `Pipeline.analyse`; EmptyMedia also where nothing lies in the region.
        ConfigError: The detector has no thresholds that could be set.
    """
    if wished.longest is not None:
        _check_length(path, pipeline, wished)
    with pipeline.set_for(wished):
        return pipeline.analyse(path, progress)


def heatmaps(found: Analysis) -> list[dict[str, Any]]:
    """Where in each crop the evidence lies, as plain values."""
    return [
        {
            "track": track.id,
            "index": crop.index,
            "time": crop.time,
            "values": [[round(float(value), DIGITS) for value in row] for row in heatmap],
        }
        for track in found.tracks
        if track.id in found.heatmaps
        for crop, heatmap in zip(track.crops, found.heatmaps[track.id], strict=True)
    ]


def with_thresholds(detector: Detector, fake_above: float | None, real_below: float | None) -> Detector:
    """The same detector with other thresholds; its calibration has another id then, and reports tell it.

    Raises:
        ConfigError: It has no calibration.
        BundleError: The thresholds cross one half.
    """
    if not isinstance(detector, Calibrated):
        raise ConfigError("this detector has no calibration, so there are no thresholds to set")
    own = detector.calibration
    given = {"fake_above": fake_above, "real_below": real_below}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    other = Calibration(
        replace(own.image, **changes), replace(own.video, **changes), own.max_false_alarm, own.max_miss
    )
    changed: Any = copy.copy(detector)
    if hasattr(detector, "bundle"):
        changed.bundle = replace(changed.bundle, calibration=other)
    else:
        changed.calibration = other
    return changed  # type: ignore[no-any-return]


def _check_length(path: Path, pipeline: Pipeline, wished: Wishes) -> None:
    media = probe(path, pipeline.config.limits)
    start, end = wished.region or (0.0, None)
    seconds = min(media.duration, end or media.duration) - (start or 0.0)
    if wished.longest is not None and media.kind == "video" and seconds > wished.longest:
        raise MediaTooLong(
            f"{path} is {seconds:,.0f} s of video; up to {wished.longest:g} s are judged while you wait. "
            "Ask for a job ('Prefer: respond-async'), or for a part of it."
        )


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    match value:
        case [float() | int() | None as first, float() | int() | None as second]:
            return first, second
    raise ConfigError(f"option {name}: expected two numbers, received {value!r}")
