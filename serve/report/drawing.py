"""Pictures and curves of the page: pixels as data URIs, heat over a face, scores over time."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import FrameScore, Pixels
from catchlight.serve.report import words

JPEG_QUALITY = 84  # no visible blocks at the size shown, a third of the bytes of 95
HEAT_OPACITY = 0.6  # where the heat is full; the face stays recognisable below it

# The timeline's box in SVG units; the page scales it to its width.
WIDTH, HEIGHT = 720.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 10.0, 26.0
GAP = 3.0  # points further apart than this many usual steps are not joined


def data_uri(image: Pixels, width: int) -> str:
    """A picture as a JPEG data URI, reduced to at most this width and never enlarged.

    Args:
        image: RGB uint8, shape (height, width, 3).
        width: Largest width in pixels.
    """
    if image.shape[1] > width:
        height = max(1, round(image.shape[0] * width / image.shape[1]))
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(encoded.tobytes()).decode("ascii")


def heated(image: Pixels, heat: NDArray[np.float32]) -> Pixels:
    """A face with heat over it; where there is no heat the face is grey and otherwise unchanged.

    Args:
        image: RGB uint8, shape (height, width, 3).
        heat: float32, shape (h, w), 0 to 1; stretched over the picture.

    Returns:
        RGB uint8, the shape of ``image``.
    """
    height, width = image.shape[:2]
    full = np.clip(cv2.resize(heat, (width, height), interpolation=cv2.INTER_CUBIC), 0.0, 1.0)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    colour = cv2.cvtColor(
        cv2.applyColorMap((255 * full).astype(np.uint8), cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB
    )
    share = (HEAT_OPACITY * full)[..., None]
    return np.asarray(np.rint(grey * (1.0 - share) + colour * share), np.uint8)


@dataclass(frozen=True, slots=True)
class Point:
    """One score in SVG units, with what it says."""

    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Scores over time: points, the lines that join them, and marks of the time axis.

    Attributes:
        points: Every score.
        lines: SVG ``points`` attributes, one for each stretch without a gap.
        ticks: (x, text) along the time axis.
        summary: What the curve shows, for those who can't see it.
    """

    points: tuple[Point, ...]
    lines: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    summary: str


def timeline(frames: Sequence[FrameScore]) -> Timeline | None:
    """Lay out scores over time; None for fewer than two moments, where there is no curve.

    Args:
        frames: Scores of one person in time order.
    """
    times = [frame.time for frame in frames]
    if len(frames) < 2 or times[-1] <= times[0]:
        return None
    start, span = times[0], times[-1] - times[0]
    points = tuple(_point(frame, start, span) for frame in frames)
    scores = [frame.p_fake for frame in frames]
    summary = (
        f"{words.count(len(frames), 'frame')} from {words.clock(start)} to {words.clock(times[-1])}; "
        f"lowest score {words.percent(min(scores))}, highest {words.percent(max(scores))}, "
        f"mean {words.percent(sum(scores) / len(scores))}"
    )
    ticks = tuple((_x(t, start, span), words.clock(t)) for t in (start + span * i / 4 for i in range(5)))
    return Timeline(points, _lines(points, times), ticks, summary)


def _x(time: float, start: float, span: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (time - start) / span, 1)


def _point(frame: FrameScore, start: float, span: float) -> Point:
    y = TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - min(1.0, max(0.0, frame.p_fake)))
    label = f"{words.clock(frame.time)}: {words.percent(frame.p_fake)}"
    return Point(_x(frame.time, start, span), round(y, 1), label)


def _lines(points: Sequence[Point], times: Sequence[float]) -> tuple[str, ...]:
    """Join neighbours in time; a person who was away for a while gets a gap, not a straight line."""
    steps = np.diff(np.asarray(times))
    far = np.flatnonzero(steps > GAP * max(float(np.median(steps)), 1e-6)) + 1
    stretches = np.split(np.arange(len(points)), far)
    return tuple(" ".join(f"{points[i].x},{points[i].y}" for i in stretch) for stretch in stretches)
