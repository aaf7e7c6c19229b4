"""The words of the API as pydantic models: OpenAPI is made from them, and requests are checked by them."""

from __future__ import annotations

from typing import Any, Literal, Self

from flask_openapi.models.file import FileStorage
from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = float
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
ID_PATTERN = r"^[0-9a-f]{32}$"


class Closed(BaseModel):
    """Refuses names that it does not know, so that a mistyped option never passes in silence."""

    model_config = ConfigDict(extra="forbid")


class Options(Closed):
    """How a file is judged; the defaults are those of the command `catchlight detect`."""

    detector: str | None = Field(
        None, max_length=200, description="One of /v1/detectors; by default the service's."
    )
    sampling: Literal["auto", "key", "even", "dense"] = Field(
        "auto", description="Which frames of a video: as fits the file, key frames, evenly spaced, or dense."
    )
    frames: int = Field(32, ge=1, le=600, description="How many frames of a video, at most.")
    start: float | None = Field(None, ge=0, le=1e6, description="Judge a video from this second on.")
    end: float | None = Field(None, gt=0, le=1e6, description="Judge a video up to this second.")
    thresholds: Literal["calibrated", "custom"] = Field(
        "calibrated",
        description="`custom` takes `fake_above` and `real_below` in place of the calibrated ones.",
    )
    fake_above: Share | None = Field(
        None, ge=0.5, lt=1, description="With `custom`: `fake` needs a probability above this one."
    )
    real_below: Share | None = Field(
        None, gt=0, le=0.5, description="With `custom`: `real` needs a probability below this one."
    )
    cues: bool = Field(True, description="Whether the signs that a person can check are listed.")
    heatmap: bool = Field(False, description="Add `heatmaps`: where in each face the evidence lies.")
    name: str | None = Field(
        None, max_length=255, description="The file's name for the report, where the body has none."
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.thresholds == "calibrated" and not (self.fake_above is None and self.real_below is None):
            raise ValueError("fake_above and real_below need thresholds=custom")
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("start must come before end")
        return self


class DetectQuery(Options):
    """Options of one file."""

    retention: Literal["default", "none"] = Field(
        "default",
        description="`none`: nothing outlives the answer. What is too long to be answered at once is refused.",
    )
    retain: float | None = Field(
        None, ge=0, le=30 * 86400, description="Seconds that a job keeps the file after it has ended."
    )
    webhook: str | None = Field(
        None, max_length=2000, description="Address to which the end of a job is told, signed."
    )
    page: bool = Field(False, description="Add `page`: the report as one self-contained HTML page.")
    url: str | None = Field(
        None,
        max_length=2000,
        description="Judge what this address shows, in place of a body; off by default.",
    )


class BatchQuery(Options):
    """Options of all files of a batch."""


class DetectHeader(BaseModel):
    """Headers that change what happens; others pass."""

    prefer: str | None = Field(None, description="`respond-async` makes a job of it, whatever its length.")
    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="Any text of up to 255 visible ASCII characters; the same key gets the same answer.",
    )


class DetectForm(BaseModel):
    """A file as browsers send it."""

    file: FileStorage = Field(description="An image or a video.")


class BatchForm(BaseModel):
    """Several files."""

    file: list[FileStorage] = Field(description="Images and short videos.")


class JobPath(BaseModel):
    """A job's address."""

    id: str = Field(pattern=ID_PATTERN, description="32 hexadecimal digits.")


class DetectorPath(BaseModel):
    """A detector's address."""

    name: str = Field(max_length=200, description="One of /v1/detectors.")


class JobsQuery(Closed):
    """Which jobs are listed."""

    limit: int = Field(100, ge=1, le=1000, description="How many, the newest first.")


class JobDeleteQuery(Closed):
    """How a job ends."""

    forget: bool = Field(False, description="Also delete its media and its result, at once.")


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
