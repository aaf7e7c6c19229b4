"""``/v1/jobs``: what became of files that take longer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from catchlight.detector.errors import JobNotFound
from catchlight.serve.http import access
from catchlight.serve.http.questions import JobDeleteQuery, JobPath, JobsQuery
from catchlight.serve.http.schemas import JobList, JobModel, Secret
from catchlight.serve.http.service import here
from catchlight.serve.jobs.types import Job, JobState

TAG = Tag(name="jobs", description="Files that take longer.")
blueprint = APIBlueprint("jobs", __name__, abp_tags=[TAG], url_prefix="/v1")

ASK_AGAIN = "1"  # s, for Retry-After, while a job is not done
PAGE = {"description": "The page on it.", "content": {"text/html": {"schema": {"type": "string"}}}}


@blueprint.get(
    "/jobs", summary="Your jobs, the newest first", operation_id="listJobs", responses={200: JobList}
)
@access.needs("jobs")
def jobs(query: JobsQuery) -> Response:
    """Only those that were submitted with the same key."""
    return listing(here().store.list(access.owner(), query.limit))


@blueprint.get("/jobs/<id>", summary="A job", operation_id="getJob", responses={200: JobModel})
@access.needs("jobs")
def job(path: JobPath) -> Response:
    """Its state, its progress, a report on the frames so far, and in the end the report or the problem."""
    found = here().store.get(path.id, access.owner())
    return _response(found, 200, {} if found.state.final else {"Retry-After": ASK_AGAIN})


@blueprint.delete(
    "/jobs/<id>", summary="Cancel a job", operation_id="cancelJob", responses={200: JobModel, 204: None}
)
@access.needs("jobs")
def cancel(path: JobPath, query: JobDeleteQuery) -> Response:
    """Stops it; one that has ended stays as it is. With `forget`, its media and its result are deleted at once."""
    store, owner = here().store, access.owner()
    if query.forget:
        store.delete(path.id, owner)
        return Response(status=204)
    return _response(store.cancel(path.id, owner), 200)


@blueprint.get(
    "/jobs/<id>/report.html",
    summary="A job's report as a page",
    operation_id="getJobReport",
    responses={200: PAGE},
)
@access.needs("jobs")
def page(path: JobPath) -> Response:
    """One self-contained page with the faces and the reasons."""
    text = here().store.page(path.id, access.owner())
    if text is None:
        raise JobNotFound(f"the job {path.id} has no page yet; ask for it when its state is done")
    return Response(text, content_type="text/html; charset=utf-8")


@blueprint.get(
    "/webhook-secret",
    summary="The key of your webhooks' signatures",
    operation_id="getWebhookSecret",
    responses={200: Secret},
)
@access.needs("jobs")
def secret() -> Response:
    """What tells the end of a job is signed with it (HMAC-SHA-256), so that you can tell it from a forgery."""
    return _json({"secret": here().store.webhook_secret(access.owner())}, 200, {})


def accepted(found: Job, asked: bool) -> Response:
    """202: the job is in the queue, and this is where to ask for it."""
    headers = {"Location": f"/v1/jobs/{found.id}", "Retry-After": ASK_AGAIN}
    return _response(found, 202, headers | ({"Preference-Applied": "respond-async"} if asked else {}))


def listing(found: Sequence[Job], status: int = 200) -> Response:
    """Several jobs."""
    return _json({"jobs": [as_json(each) for each in found]}, status, {})


def as_json(found: Job) -> dict[str, Any]:
    """A job as the API shows it."""
    address = f"/v1/jobs/{found.id}"
    page = {"page": f"{address}/report.html"} if found.state is JobState.done else {}
    return {
        "id": found.id,
        "state": found.state.value,
        "created": _iso(found.created),
        "updated": _iso(found.updated),
        "expires": _iso(found.expires),
        "progress": found.progress,
        "attempts": found.attempts,
        "media": {"name": found.media_name, "sha256": found.media_sha256},
        "options": found.options,
        "partial": found.partial,
        "result": found.result,
        "error": found.error,
        "links": {"self": address, **page},
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _response(found: Job, status: int, headers: dict[str, str] | None = None) -> Response:
    return _json(as_json(found), status, headers or {})


def _json(body: dict[str, Any], status: int, headers: dict[str, str]) -> Response:
    return Response(json.dumps(body) + "\n", status, headers, content_type="application/json")
