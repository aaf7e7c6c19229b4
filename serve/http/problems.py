"""Errors -> RFC 9457 problems: one shape for whatever goes wrong, with a stable ``code`` for machines."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, NoReturn

from flask import Flask, Response, abort, g, request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import HTTPException

from catchlight.detector.errors import CatchlightError, Overloaded, UnknownName
from catchlight.serve.http.questions import option_names
from catchlight.serve.jobs import problems as jobs

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

# code -> (status, title): those that a failed job may have, and those of requests.
PROBLEMS: Mapping[str, tuple[int, str]] = {
    **jobs.PROBLEMS,
    "too_long": (413, "The video is longer than is judged while you wait"),
    "job_not_found": (404, "No such job"),
    "job_conflict": (409, "The idempotency key was used for another request"),
    "overloaded": (503, "Too much waits already"),
    "service_error": (503, "The service can't judge at the moment"),
    "store_unavailable": (503, "The store of jobs can't be reached"),
    "bad_request": (400, "The request can't be understood"),
    "invalid_request": (422, "The request breaks a rule"),
    "unauthorized": (401, "An API key is needed"),
    "forbidden": (403, "The API key does not permit this"),
    "method_not_allowed": (405, "This method is not for this address"),
    "not_acceptable": (406, "The answer can't be had in this form"),
    "conflict": (409, "The request is being worked on"),
    "body_too_slow": (408, "The body did not come in time"),
    "payload_too_large": (413, "The request is too large"),
    "unsupported_media_type": (415, "The body is of a kind that is not read"),
    "rate_limited": (429, "Too many requests"),
    "too_slow": (503, "No answer in time"),
    "shutting_down": (503, "The service is stopping"),
    "url_refused": (422, "The address can't be judged"),
}
BY_STATUS = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    408: "body_too_slow",
    409: "conflict",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    429: "rate_limited",
    503: "overloaded",
}


def problem(code: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem as plain values, which is also what a failed part of a batch holds.

    Example:
        >>> problem("rate_limited", "once a minute")["status"]
        429
    """
    return jobs.problem(code, detail, PROBLEMS) | more


def answer(body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The response of a problem; it carries the request's id, so that a report of it can be found in the logs."""
    g.problem = body["code"]
    full = {**body, "instance": request.path, "request_id": g.get("request_id", "")}
    return Response(json.dumps(full), body["status"], headers, content_type=MEDIA_TYPE)


def refuse(code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> NoReturn:
    """End the request with a problem."""
    abort(answer(problem(code, detail, **more), headers))


def of_error(error: CatchlightError) -> tuple[dict[str, Any], dict[str, str]]:
    """The problem of one of our errors, and the headers that go with it."""
    code = error.code if error.code in PROBLEMS else "internal_error"
    detail = str(error) if code != "internal_error" else "the service failed; its log has more"
    headers = {"Retry-After": retry_after(error.retry_after)} if isinstance(error, Overloaded) else {}
    return problem(code, detail), headers


def retry_after(seconds: float) -> str:
    """Whole seconds, at least one, as the header wants them."""
    return str(max(1, round(seconds)))


def install(app: Flask) -> None:
    """Make every error of the application a problem."""
    app.register_error_handler(CatchlightError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _fault)


def invalid(error: ValidationError) -> Response:
    """What flask-openapi answers to parameters that break their schema."""
    faults = [
        {"where": ".".join(map(str, fault["loc"])), "message": _said(fault, error.title)}
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    said = "; ".join(f"{fault['where'] or 'request'}: {fault['message']}" for fault in faults[:5])
    return answer(problem("invalid_request", said, errors=faults))


def _said(fault: ErrorDetails, model: str) -> str:
    """What breaks the rule; of a name that is not known, those that are."""
    valid = option_names(model)
    if fault["type"] != "extra_forbidden" or not valid:
        return fault["msg"]
    return str(UnknownName("option", str(fault["loc"][-1]), valid))


def _ours(error: CatchlightError) -> Response:
    body, headers = of_error(error)
    if body["status"] == 500:
        log.error("fault", exc_info=error)
    return answer(body, headers)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return error.response  # type: ignore[return-value]  # made by `refuse`, or by flask-openapi
    status = error.code or 500
    code = BY_STATUS.get(status, "bad_request" if status < 500 else "internal_error")
    body = problem(code, _plain(error), **({} if PROBLEMS[code][0] == status else {"status": status}))
    kept = [(k, v) for k, v in error.get_headers() if k in ("Allow", "Retry-After", "WWW-Authenticate")]
    return answer(body, dict(kept))


def _plain(error: HTTPException) -> str:
    hint = {
        404: f"nothing is at {request.path}; /openapi.json lists what there is",
        413: "the body is larger than this service takes",
    }
    return hint.get(error.code or 0) or error.description or error.name


def _fault(error: Exception) -> Response:
    # gunicorn reads bodies for the application, so it meets broken ones in the midst of a view.
    if type(error).__module__ == "gunicorn.http.errors":
        return answer(problem("bad_request", f"the body is broken ({type(error).__name__}); send it again"))
    log.error("fault", exc_info=error)
    return answer(problem("internal_error", "the service failed; its log has more under this request's id"))
