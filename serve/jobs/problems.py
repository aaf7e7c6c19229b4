"""Errors of ours as RFC 9457 problems, for jobs that failed; HTTP tells them word for word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catchlight.detector.errors import CatchlightError, DecoderCrashed, ServiceError

TYPES = "/docs#"  # a problem's type is an address that explains it

# code -> (status, title); the status is what the file would have got, had its owner waited for the answer.
PROBLEMS: Mapping[str, tuple[int, str]] = {
    "not_media": (415, "Neither an image nor a video"),
    "corrupt_media": (422, "The file is damaged"),
    "empty_media": (422, "The file has no picture"),
    "too_large": (413, "The file is over a limit"),
    "took_too_long": (422, "Judging the file took too long"),
    "decoder_crashed": (422, "The file made the decoder crash"),
    "bad_media": (422, "The file can't be judged"),
    "not_found": (404, "Nothing here"),
    "unknown_name": (422, "Unknown name"),
    "bad_config": (422, "An option can't be used"),
    "attempts_exhausted": (500, "Every attempt ended its worker"),
    "internal_error": (500, "A fault of the service"),
}


def problem(code: str, detail: str, known: Mapping[str, tuple[int, str]] = PROBLEMS) -> dict[str, Any]:
    """A problem as plain values.

    Args:
        code: Its stable name.
        detail: What was expected, what was received, what to do.
        known: Status and title by code; what is not in it is a fault of the service.

    Example:
        >>> problem("not_media", "a.txt is neither")["status"]
        415
    """
    status, title = known.get(code, known["internal_error"])
    return {"type": f"{TYPES}{code}", "title": title, "status": status, "detail": detail, "code": code}


def of_error(error: CatchlightError) -> dict[str, object]:
    """The problem of an error; what is not the file's or the request's fault is an internal one."""
    return problem(error.code if error.code in PROBLEMS else "internal_error", str(error))


def may_pass(error: CatchlightError) -> bool:
    """Whether trying again can help: a crash or a service in trouble may pass, a damaged file stays damaged."""
    return isinstance(error, DecoderCrashed | ServiceError)
