"""What a request may say, as pydantic models: requests are checked by them, and OpenAPI is made from them."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = float
KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
ADDRESS = r"^https?://[\x21-\x7e]+$"
ID_PATTERN = r"^[0-9a-f]{32}$"


class Remembering(BaseModel):
    """Makes its schema once: flask-openapi asks for it with every request, and it takes longer than all the rest."""

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As pydantic makes it; not to be changed."""
        return _schema(cls, args, tuple(sorted(kwargs.items())))


@cache
def _schema(
    model: type[Remembering], args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]
) -> dict[str, Any]:
    return super(Remembering, model).model_json_schema(*args, **dict(kwargs))


class Closed(Remembering):
    """Refuses names that it does not know, so that a mistyped option never passes in silence."""

    model_config = ConfigDict(extra="forbid")


def option_names(model: str) -> tuple[str, ...]:
    """Names that a model of this module takes; none where it takes all, or is not known.

    Example:
        >>> option_names("JobsQuery")
        ('limit',)
    """
    found = globals().get(model)
    if not (isinstance(found, type) and issubclass(found, Closed)):
        return ()
    return tuple(found.model_fields)


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
    cues: bool = Field(True, description="Whether the signs that a person can check are measured.")
    heatmap: bool = Field(False, description="Add `heatmaps`: where in each face the evidence lies.")
    name: str | None = Field(
        None, max_length=255, description="The file's name for the report, where the body has none."
    )


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
        None,
        max_length=2000,
        pattern=ADDRESS,
        description="Address to which the end of a job is told, signed.",
    )
    page: bool = Field(False, description="Add `page`: the report as one self-contained HTML page.")
    url: str | None = Field(
        None,
        max_length=2000,
        pattern=ADDRESS,
        description="Judge what this address shows, in place of a body; off by default.",
    )


class BatchQuery(Options):
    """Options of all files of a batch."""


class DetectHeader(Remembering):
    """Headers that change what happens; others pass."""

    prefer: str | None = Field(
        None, alias="Prefer", description="`respond-async` makes a job of it, whatever its length."
    )
    idempotency_key: str | None = Field(
        None,
        alias="Idempotency-Key",
        pattern=KEY_PATTERN,
        description="Any text of up to 255 visible ASCII characters; the same key gets the same answer.",
    )


class JobPath(Remembering):
    """A job's address."""

    id: str = Field(pattern=ID_PATTERN, description="32 hexadecimal digits.")


class DetectorPath(Remembering):
    """A detector's address."""

    name: str = Field(max_length=200, description="One of /v1/detectors.")


class JobsQuery(Closed):
    """Which jobs are listed."""

    limit: int = Field(100, ge=1, le=1000, description="How many, the newest first.")


class JobDeleteQuery(Closed):
    """How a job ends."""

    forget: bool = Field(False, description="Also delete its media and its result, at once.")
