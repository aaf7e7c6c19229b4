"""Report <-> JSON (schema 1): the same object from Python, the command line and HTTP, bit for bit.

Numbers are written as they are, not rounded, so that a report read back equals the one that was written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

from catchlight.detector.errors import DataError
from catchlight.detector.types import (
    Box,
    Cue,
    FaceReport,
    FrameScore,
    MediaReport,
    ModelReport,
    Report,
    Verdict,
)

SCHEMA = 1
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Json = dict[str, Any]


def to_json(report: Report) -> str:
    """Write a report as one line of JSON, pure ASCII, ready for JSON Lines.

    Args:
        report: What `catchlight.detector.pipeline` answered.

    Returns:
        One line without a line break at its end.

    Raises:
        DataError: If the report holds a number that JSON has no word for (NaN, infinity).
    """
    try:
        return json.dumps(to_dict(report), allow_nan=False)
    except ValueError as error:
        raise DataError(
            f"the report on {report.media.path!r} holds a number that is not finite ({error}); expected "
            "None where nothing was measured. This is a fault of the detector that made it; report it there."
        ) from error


def from_json(text: str) -> Report:
    """Read one report back.

    Args:
        text: What `to_json` or ``catchlight detect --json`` wrote.

    Returns:
        The report, equal to the one that was written.

    Raises:
        DataError: If the text is not JSON, of another schema, or lacks a field.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise DataError(f"expected a report in JSON, received text that is none: {error}") from error
    return from_dict(data)


def to_dict(report: Report) -> Json:
    """A report as plain dicts, lists, strings and numbers, keys in the order of the schema.

    Example:
        >>> from catchlight.detector.types import MediaReport, ModelReport, Report
        >>> media = MediaReport("image", "a.jpg", "0f", 640, 480, 0.0, 1, 0, 0.0)
        >>> model = ModelReport("mobilenet", "1", "1e", "2d", None)
        >>> empty = Report("7", "undecided", None, None, ("no_face",), media, (), (), model, {"total": 3.0})
        >>> to_dict(empty)["verdict"], to_dict(empty)["p_fake"]
        ('undecided', None)
    """
    return {
        "schema": report.schema,
        "id": report.id,
        "verdict": report.verdict,
        "p_fake": _number(report.p_fake),
        "interval": _pair(report.interval),
        "reasons": list(report.reasons),
        "media": _media_dict(report.media),
        "faces": [_face_dict(face) for face in report.faces],
        "warnings": list(report.warnings),
        "model": _model_dict(report.model),
        "timings_ms": {stage: float(spent) for stage, spent in report.timings_ms.items()},
    }


def from_dict(data: Mapping[str, Any]) -> Report:
    """The inverse of `to_dict`.

    Raises:
        DataError: If the schema is not 1, or a field is missing or of another kind.
    """
    found = data.get("schema") if isinstance(data, Mapping) else None
    if found != SCHEMA:
        raise DataError(
            f"expected a report of schema {SCHEMA}, received "
            f"{'schema ' + repr(found) if found is not None else 'something without a schema'}; "
            "read it with the version of catchlight that wrote it, or judge the file again"
        )
    try:
        return _report(data)
    except KeyError as error:
        raise DataError(f"the report lacks the field {error}; judge the file again") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise DataError(f"a field of the report is of the wrong kind ({error}); judge again") from error


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _pair(values: tuple[float, float] | None) -> list[float] | None:
    return None if values is None else [float(values[0]), float(values[1])]


def _media_dict(media: MediaReport) -> Json:
    return {
        "kind": media.kind,
        "path": media.path,
        "sha256": media.sha256,
        "width": int(media.width),
        "height": int(media.height),
        "duration": float(media.duration),
        "frames_sampled": int(media.frames_sampled),
        "frames_scored": int(media.frames_scored),
        "coverage": float(media.coverage),
    }


def _model_dict(model: ModelReport) -> Json:
    calibration = {"id": model.calibration_id, "ece": _number(model.calibration_ece)}
    return {
        "name": model.name,
        "version": model.version,
        "sha256": model.sha256,
        "calibration": calibration,
    }


def _face_dict(face: FaceReport) -> Json:
    return {
        "track": int(face.track),
        "p_fake": _number(face.p_fake),
        "interval": _pair(face.interval),
        "verdict": face.verdict,
        "reasons": list(face.reasons),
        "frames": [_frame_dict(frame) for frame in face.frames],
        "cues": {name: _cue_dict(cue) for name, cue in face.cues.items()},
    }


def _frame_dict(frame: FrameScore) -> Json:
    return {
        "time": float(frame.time),
        "index": int(frame.index),
        "box": [float(side) for side in frame.box],
        "p_fake": float(frame.p_fake),
        "quality": float(frame.quality),
    }


def _cue_dict(cue: Cue) -> Json:
    """Only what the status has: a cue that is not applicable carries its reason and no number."""
    fields = {
        "status": cue.status,
        "value": _number(cue.value),
        "unit": cue.unit or None,
        "normal": _pair(cue.normal),
        "quality": _number(cue.quality),
        "reason": cue.reason,
        "interval": _pair(cue.interval),
        "note": cue.note,
        "details": {name: float(value) for name, value in cue.details.items()} or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _report(data: Mapping[str, Any]) -> Report:
    return Report(
        id=data["id"],
        verdict=_verdict(data["verdict"]),
        p_fake=_number(data["p_fake"]),
        interval=_interval(data["interval"]),
        reasons=tuple(data["reasons"]),
        media=MediaReport(**data["media"]),
        faces=tuple(_face(face) for face in data["faces"]),
        warnings=tuple(data["warnings"]),
        model=_model(data["model"]),
        timings_ms=dict(data["timings_ms"]),
    )


def _verdict(word: Verdict) -> Verdict:
    if word not in VERDICTS:
        raise DataError(f"unknown verdict {word!r} in a report; valid: {', '.join(VERDICTS)}. Judge again.")
    return word


def _interval(values: list[float] | None) -> tuple[float, float] | None:
    if values is None:
        return None
    low, high = values
    return float(low), float(high)


def _model(data: Mapping[str, Any]) -> ModelReport:
    calibration = data["calibration"]
    return ModelReport(data["name"], data["version"], data["sha256"], calibration["id"], calibration["ece"])


def _face(data: Mapping[str, Any]) -> FaceReport:
    return FaceReport(
        track=data["track"],
        p_fake=_number(data["p_fake"]),
        interval=_interval(data["interval"]),
        verdict=_verdict(data["verdict"]),
        reasons=tuple(data["reasons"]),
        frames=tuple(_frame(frame) for frame in data["frames"]),
        cues={name: _cue(cue) for name, cue in data["cues"].items()},
    )


def _frame(data: Mapping[str, Any]) -> FrameScore:
    return FrameScore(data["time"], data["index"], Box(*data["box"]), data["p_fake"], data["quality"])


def _cue(data: Mapping[str, Any]) -> Cue:
    pairs = {name: _interval(data.get(name)) for name in ("normal", "interval")}
    return Cue(**{**data, **pairs})
