"""The words of the project: frozen values that travel between the stages.

Conventions, everywhere: pixels are RGB uint8 of shape (height, width, 3); landmarks are float32 pixels
(x, y) of the image they belong to; time is seconds; a probability is always the probability of *fake*.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Points = NDArray[np.float32]
Scores = NDArray[np.float64]

Verdict = Literal["real", "fake", "undecided"]
MediaKind = Literal["image", "video"]


class Box(NamedTuple):
    """A rectangle in pixels; ``x`` and ``y`` are its top left corner and may lie outside the image."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    Attributes:
        image: RGB uint8, shape (height, width, 3).
        index: Position in the stream as presented, from 0; an estimate where frames were skipped.
        time: Seconds from the start of the medium; 0.0 for a still.
    """

    image: Pixels
    index: int = 0
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class Face:
    """One face found in one frame.

    Attributes:
        box: The face's bounds in pixels of the frame (bounds of the landmarks).
        landmarks: float32, shape (478, 2), pixels of the frame; MediaPipe's order, irises last.
        confidence: The detector's own confidence, 0 to 1.
    """

    box: Box
    landmarks: Points
    confidence: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How much a face can tell.

    Attributes:
        width: Width of the face in pixels of the frame.
        sharpness: Variance of the Laplacian of the crop's face, scaled to a face 128 px wide.
        brightness: Mean luma of the face, 0 to 255.
        turn: How far the head is turned from the camera, 0 (frontal) to 1 (profile).
        score: All of it in one number, 0 (useless) to 1 (good).
        problem: The reason code why the face can't be judged (``face_too_small``, ``too_dark``,
            ``too_blurred``, ``too_bright``), or None when it can.
    """

    width: float
    sharpness: float
    brightness: float
    turn: float
    score: float
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Crop:
    """One aligned face, ready for a network and for the cues.

    Attributes:
        image: RGB uint8, shape (side, side, 3).
        landmarks: float32, shape (478, 2), pixels of ``image``.
        face: The face in its frame.
        index: Index of the frame.
        time: Time of the frame in seconds.
        quality: How much the face can tell.
        scene: Running number of the shot; a cut starts a new one.
    """

    image: Pixels
    landmarks: Points
    face: Face
    index: int
    time: float
    quality: Quality
    scene: int = 0


@dataclass(frozen=True, slots=True)
class Track:
    """One person through a medium: their crops in time order, across cuts."""

    id: int
    crops: tuple[Crop, ...]


@dataclass(frozen=True, slots=True)
class Media:
    """What the header of a file says, read before anything is decoded.

    Attributes:
        kind: ``image`` or ``video`` (an animated image is a video).
        width: Pixels, after rotation by EXIF or the container.
        height: Pixels, after rotation.
        duration: Seconds; 0.0 for a still.
        frames: Number of frames the header promises; 1 for a still, 0 when it does not say.
        format: The container or image format, lower case: ``jpeg``, ``mp4``, …
        codec: The codec's name for video, the format for stills.
    """

    kind: MediaKind
    width: int
    height: int
    duration: float
    frames: int
    format: str
    codec: str


@dataclass(frozen=True, slots=True)
class Cue:
    """One sign that a person can check, measured or honestly not applicable.

    Attributes:
        status: ``ok`` or ``not_applicable``.
        value: The measurement, in ``unit``; None when not applicable.
        unit: Unit of ``value`` and ``normal``.
        normal: Range of real people.
        quality: 0 to 1, how far the measurement can be trusted.
        reason: Why it is not applicable.
        interval: 95 % interval of ``value``, where one is known.
        note: What was measured, in one line for a person.
        details: Further numbers behind the value, by name.
    """

    status: Literal["ok", "not_applicable"]
    value: float | None = None
    unit: str = ""
    normal: tuple[float, float] | None = None
    quality: float | None = None
    reason: str | None = None
    interval: tuple[float, float] | None = None
    note: str | None = None
    details: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FrameScore:
    """One face in one frame as reported: where it was and what it scored."""

    time: float
    index: int
    box: Box
    p_fake: float
    quality: float


@dataclass(frozen=True, slots=True)
class FaceReport:
    """One person as reported.

    Attributes:
        track: Number of the person in this medium.
        p_fake: Calibrated probability that this face was forged; None when nothing could be measured.
        interval: 95 % interval of ``p_fake``; None with it.
        verdict: ``real``, ``fake`` or ``undecided``.
        reasons: Sentences for a person, most important first.
        frames: What was scored, in time order.
        cues: Cue name to measurement.
    """

    track: int
    p_fake: float | None
    interval: tuple[float, float] | None
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    frames: tuple[FrameScore, ...] = ()
    cues: dict[str, Cue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MediaReport:
    """The medium as reported; ``coverage`` is the share of sampled frames with a face that was scored."""

    kind: MediaKind
    path: str
    sha256: str
    width: int
    height: int
    duration: float
    frames_sampled: int
    frames_scored: int
    coverage: float


@dataclass(frozen=True, slots=True)
class ModelReport:
    """Which detector judged: name, version, hash of its bundle, calibration id and its measured error."""

    name: str
    version: str
    sha256: str
    calibration_id: str
    calibration_ece: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """The answer (schema 1), the same from Python, the command line and HTTP.

    A medium is as fake as its most fake person. Without a usable face ``p_fake`` is None, ``verdict`` is
    ``undecided`` and ``reasons`` says why: there is never a number where nothing was measured.
    """

    id: str
    verdict: Verdict
    p_fake: float | None
    interval: tuple[float, float] | None
    reasons: tuple[str, ...]
    media: MediaReport
    faces: tuple[FaceReport, ...]
    warnings: tuple[str, ...]
    model: ModelReport
    timings_ms: dict[str, float]
    schema: int = 1
