"""What a client of the service may ask of a pipeline beyond `DetectConfig`, for one file at a time.

    {"region": [10, 20], "thresholds": [0.9, 0.1], "heatmap": true, "cues": false, "longest": 20}

All are optional. They are plain JSON values because they travel to the sandbox and are kept with jobs.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catchlight.detector.calibration import Calibration
from catchlight.detector.cues.gather import Watch
from catchlight.detector.cues.registry import meters
from catchlight.detector.errors import ConfigError, EmptyMedia, MediaTooLong
from catchlight.detector.media import Sampling, frames, probe
from catchlight.detector.pipeline import Analysis, Pipeline
from catchlight.detector.prefetch import prefetched
from catchlight.detector.registry import Calibrated, Detector
from catchlight.detector.sight import Seen, look
from catchlight.detector.timing import Stopwatch
from catchlight.detector.types import Frame, Media

NAMES = ("region", "thresholds", "heatmap", "cues", "longest")
MOST_FRAMES = 4096  # frames of a whole video that a sampling of one part of it may ask for
DIGITS = 4  # of a heatmap's values

Progress = Callable[[int, int | None], None]
Region = tuple[float, float | None]


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
    """A pipeline that also looks at a part of a video only.

    Attributes:
        region: Seconds between which frames are looked at; None for all.
    """

    region: Region | None = None

    @contextmanager
    def set_for(self, wished: Wishes) -> Iterator[None]:
        """As wished for the time of a ``with`` block, and then as before."""
        before = self.detector, self.config, self._meters
        try:
            self.region = wished.region
            if wished.thresholds:
                self.detector = with_thresholds(self.detector, *wished.thresholds)
            if not wished.cues:
                self.config, self._meters = replace(self.config, cues=()), meters(())
            yield
        finally:
            self.detector, self.config, self._meters = before
            self.region = None

    def _look(
        self, path: Path, media: Media, watch: Stopwatch, progress: Progress | None, watched: Watch
    ) -> Seen:
        if self.region is None or media.kind == "image":
            return super()._look(path, media, watch, progress, watched)
        watched.give_up("only a part of the clip was looked at")
        wider = _wider(self.config.sampling, media, self.region)
        inside = _inside(path, frames(path, wider, self.config.limits), self.region)
        total = None if wider.policy == "dense" else self.config.sampling.count
        count = None if progress is None else lambda done: progress(min(done, total or done), total)
        with closing(prefetched(inside)) as source:
            return look(
                source,
                self._finder,
                self._side,
                watch,
                most=self.config.limits.max_faces,
                thumbnails=self.config.thumbnails,
                progress=count,
            )


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
        found = pipeline.analyse(path, progress)
    return replace(found, report=_told(found, wished))


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


def _told(found: Analysis, wished: Wishes) -> Any:
    report = found.report
    if wished.region is not None and report.media.kind == "video":
        asked = f"{report.id} {wished.region}"
        report = replace(report, id=hashlib.sha256(asked.encode()).hexdigest()[:16])
    return report


def _check_length(path: Path, pipeline: Pipeline, wished: Wishes) -> None:
    media = probe(path, pipeline.config.limits)
    start, end = wished.region or (0.0, None)
    seconds = min(media.duration, end or media.duration) - start
    if wished.longest is not None and media.kind == "video" and seconds > wished.longest:
        raise MediaTooLong(
            f"{path} is {seconds:,.0f} s of video; up to {wished.longest:g} s are judged while you wait. "
            "Ask for a job ('Prefer: respond-async'), or for a part of it."
        )


def _wider(sampling: Sampling, media: Media, region: Region) -> Sampling:
    """A sampling of the whole of which about as many frames as wished lie in the region."""
    start, end = region
    part = max(0.0, min(end or media.duration, media.duration) - start)
    if sampling.policy == "dense" or part <= 0:
        return replace(sampling, max_frames=max(sampling.max_frames, MOST_FRAMES))
    count = round(sampling.count * media.duration / part)
    return replace(sampling, count=min(max(count, sampling.count), MOST_FRAMES))


def _inside(path: Path, source: Iterator[Frame], region: Region) -> Iterator[Frame]:
    start, end = region
    nothing = True
    for frame in source:
        if end is not None and frame.time >= end:
            break
        if frame.time >= start:
            nothing = False
            yield frame
    if nothing:
        raise EmptyMedia(f"{path} has no frame from {start:g} s to {end or 'its end'}; choose a part of it.")


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    match value:
        case [float() | int() | None as first, float() | int() | None as second]:
            return first, second
    raise ConfigError(f"option {name}: expected two numbers, received {value!r}")
