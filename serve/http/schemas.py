"""What the service answers, as pydantic models from which OpenAPI is made."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Fault(BaseModel):
    """One rule that a request breaks."""

    where: str
    message: str


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="Address that explains this kind of problem.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str = Field(description="What was expected, what was received, what to do.")
    code: str = Field(description="Stable name of the kind, for machines.")
    instance: str | None = None
    request_id: str | None = None
    errors: list[Fault] | None = None


class Frame(BaseModel):
    """A face in one frame."""

    time: float = Field(description="Seconds from the start.")
    index: int
    box: list[float] = Field(min_length=4, max_length=4, description="x, y, width, height in pixels.")
    p_fake: float = Field(ge=0, le=1)
    quality: float = Field(ge=0, le=1)


class Cue(BaseModel):
    """A sign that a person can check, measured or honestly not applicable."""

    status: Literal["ok", "not_applicable"]
    value: float | None = None
    unit: str | None = None
    normal: list[float] | None = None
    quality: float | None = None
    reason: str | None = None
    interval: list[float] | None = Field(None, description="95 % interval of the value, where one is known.")
    note: str | None = Field(None, description="What was measured, in one line.")
    details: dict[str, float] | None = Field(None, description="Further numbers behind the value.")


Verdict = Literal["real", "fake", "undecided"]
Interval = list[float]


class Person(BaseModel):
    """One person through the medium."""

    track: int
    p_fake: float | None = Field(description="Probability of fake; null where nothing was measured.")
    interval: Interval | None = Field(description="95 % interval of it.")
    verdict: Verdict
    reasons: list[str]
    frames: list[Frame]
    cues: dict[str, Cue]


class Medium(BaseModel):
    """The file."""

    kind: Literal["image", "video"]
    path: str = Field(description="The name that it was sent with.")
    sha256: str
    width: int
    height: int
    duration: float
    frames_sampled: int
    frames_scored: int
    coverage: float


class Calibration(BaseModel):
    """How scores became probabilities."""

    id: str
    ece: float | None


class Model(BaseModel):
    """What judged."""

    name: str
    version: str
    sha256: str
    calibration: Calibration


class Heatmap(BaseModel):
    """Where in one crop of a face the evidence lies."""

    track: int
    index: int
    time: float
    values: list[list[float]] = Field(description="Rows of the crop from above, probabilities of fake.")


class ReportModel(BaseModel):
    """A report (schema 1), the same as from `catchlight detect --json`."""

    model_config = ConfigDict(title="Report")

    schema_: Literal[1] = Field(alias="schema")
    id: str
    verdict: Verdict
    p_fake: float | None
    interval: Interval | None
    reasons: list[str]
    media: Medium
    faces: list[Person]
    warnings: list[str]
    model: Model
    timings_ms: dict[str, float]
    heatmaps: list[Heatmap] | None = Field(None, description="Only where they were asked for.")
    page: str | None = Field(None, description="The page for people, only where it was asked for.")


class JobModel(BaseModel):
    """One file in the queue, from submission to the end."""

    model_config = ConfigDict(title="Job")

    id: str
    state: Literal["queued", "running", "done", "failed", "cancelled", "expired"]
    created: str = Field(description="ISO 8601, as all times.")
    updated: str
    expires: str = Field(description="When the result is deleted.")
    progress: float = Field(ge=0, le=1)
    attempts: int
    media: dict[str, str] = Field(description="Name and SHA-256 of the file.")
    options: dict[str, Any]
    partial: ReportModel | None = Field(description="A report on the frames so far.")
    result: ReportModel | None
    error: Problem | None
    links: dict[str, str]


class JobList(BaseModel):
    """Jobs, the newest first."""

    jobs: list[JobModel]


class Secret(BaseModel):
    """The key of an owner's webhooks."""

    secret: str


class BatchPart(BaseModel):
    """What became of one file of a batch: a report or a problem."""

    name: str
    report: ReportModel | None = None
    problem: Problem | None = None


class Batch(BaseModel):
    """What became of all files, in their order."""

    results: list[BatchPart]


class DetectorModel(BaseModel):
    """A detector that may be asked for."""

    model_config = ConfigDict(title="Detector")

    name: str
    default: bool
    version: str | None
    sha256: str | None = Field(description="Hash of its bundle; reports name it.")
    created: str | None
    calibration: dict[str, Any] | None
    card: str | None = Field(description="The model card, Markdown.")


class DetectorList(BaseModel):
    """All detectors of the service, the default first."""

    detectors: list[DetectorModel]


class Live(BaseModel):
    """The process answers."""

    live: bool


class Ready(BaseModel):
    """Whether work is taken now."""

    ready: bool
    engine: str
    jobs: str
