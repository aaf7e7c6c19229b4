"""``POST /v1/detect`` and ``/v1/batch``: a file in, a report out, or a job where that takes longer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from flask import Response, g, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from werkzeug.datastructures import FileStorage

from catchlight.detector.errors import (
    CatchlightError,
    MediaStuck,
    MediaTookTooLong,
    MediaTooLong,
    Overloaded,
)
from catchlight.serve.http import access, fetch, problems
from catchlight.serve.http.idempotency import Kept
from catchlight.serve.http.jobs import accepted, listing
from catchlight.serve.http.questions import BatchQuery, DetectHeader, DetectQuery
from catchlight.serve.http.schemas import Batch, ReportModel
from catchlight.serve.http.service import Service, here, wishes
from catchlight.serve.http.spool import Upload
from catchlight.serve.http.uploads import NAMELESS, clean, received, several
from catchlight.serve.jobs.types import Job, JobState
from catchlight.serve.sandbox.scorer import Answer

TAG = Tag(name="scoring", description="Judge images and videos.")
blueprint = APIBlueprint("scoring", __name__, abp_tags=[TAG], url_prefix="/v1")

JOBS_WAIT = 30.0  # s after which a client with a job comes again when the queue was full
BINARY = {"schema": {"type": "string", "format": "binary"}}
FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}},
    "additionalProperties": False,
}
FILES = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}},
    "additionalProperties": False,
}
BODY = {
    "required": False,
    "description": "The file, as the part `file` of a form or as the whole body; none with the option `url`.",
    "content": {
        "multipart/form-data": {"schema": FILE},
        "application/octet-stream": BINARY,
        "image/*": BINARY,
        "video/*": BINARY,
    },
}
LOCATION = {"Location": {"description": "The job.", "schema": {"type": "string"}}}
LATER = {
    "description": "It takes longer, or was asked to: ask the job.",
    "headers": LOCATION,
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}},
}
LATER_ALL = {
    "description": "One job a file.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobList"}}},
}


@blueprint.post(
    "/detect",
    summary="Judge one image or video",
    operation_id="detect",
    request_body=BODY,
    responses={200: ReportModel, 202: LATER},
)
@access.needs("detect")
def detect(query: DetectQuery, header: DetectHeader) -> Response:
    """An image or a short video is judged at once. What is longer, takes longer, or comes with `Prefer: respond-async`
    becomes a job.
    The answer is the same report as from `catchlight detect --json`; with `Accept: text/html` it is a page.
    """
    service, later, page = here(), _asked_for_later(header), _wants_page()
    how = wishes(query, service.config, page=page or query.page)
    if not later:
        service.engine.demand_room()
    with _file(query) as upload, _once(header, query, upload) as kept:
        if kept is not None:
            return kept
        if later and query.retention == "none":
            problems.refuse(
                "too_large",
                "a job has to keep the file: retention=none and 'respond-async' exclude each other",
            )
        try:
            if not later:
                return _remember(header, query, upload, _answered(_judge(upload, how), page))
        except MediaStuck:  # as a job it would only hold up others
            raise
        except (MediaTooLong, MediaTookTooLong):
            if query.retention == "none" or not access.permits("jobs"):
                raise
        job = _submit(upload, query, header.idempotency_key)
    return accepted(job, asked=later)


@blueprint.post(
    "/batch",
    summary="Judge several files",
    operation_id="detectBatch",
    request_body={"required": True, "content": {"multipart/form-data": {"schema": FILES}}},
    responses={200: Batch, 202: LATER_ALL},
)
@access.needs("detect")
def batch(query: BatchQuery, header: DetectHeader) -> Response:
    """Each file gets a report or a problem of its own, in their order; with `Prefer: respond-async`, a job."""
    service, options = here(), DetectQuery(**query.model_dump())
    if not _asked_for_later(header):
        service.engine.demand_room()
    parts = several(request, service.config.max_batch)
    if _asked_for_later(header):
        return listing([_submit_part(part, options) for part in parts], 202)
    how = wishes(options, service.config)
    return _json({"results": [_part(part, how) for part in parts]})


def _judge(upload: Upload, how: dict[str, Any], patient: bool = False) -> Answer:
    """Judge a file, and count it.

    Raises:
        MediaError: It can't be judged; MediaTooLong and MediaTookTooLong where it can't while someone waits.
    """
    service = here()
    answer = service.engine.judge(upload.path, how, name=upload.name, patient=patient)
    found = answer.found
    service.metrics.judged(found)
    g.facts = {"detector": found.model.name, "media": found.media.kind, "verdict": found.verdict}
    return answer


def _answered(answer: Answer, page: bool) -> Response:
    if answer.page is None:
        return _json(answer.report)
    if not page:
        return _json({**answer.report, "page": answer.page})
    response = Response(answer.page, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = PAGE_POLICY
    return response


# A report's page has its style and its pictures inside, and no script.
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'; sandbox"
)


def _json(body: Any) -> Response:
    # Written as the command writes it, line break included: the same bytes from both doors.
    return Response(json.dumps(body, allow_nan=False) + "\n", content_type="application/json")


def _part(part: FileStorage, how: dict[str, Any]) -> dict[str, Any]:
    name = clean(part.filename or NAMELESS)
    try:
        with here().spool.keep(part.stream, name) as upload:
            answer = _judge(upload, how, patient=True)
    except CatchlightError as error:
        return {"name": name, "problem": problems.of_error(error)[0]}
    return {"name": name, "report": answer.report}


def _submit(upload: Upload, query: DetectQuery, key: str | None = None) -> Job:
    access.demand("jobs")
    service = here()
    _demand_place(service)
    return service.store.submit(
        upload.path,
        options=wishes(query, service.config, page=True, now=False),
        owner=access.owner(),
        name=upload.name,
        idempotency_key=key,
        webhook=query.webhook,
        retain=service.config.retain if query.retain is None else query.retain,
    )


def _demand_place(service: Service) -> None:
    """A queue that only grows would fill the disk with strangers' media."""
    waiting = service.store.counts().get(JobState.queued, 0)
    if waiting >= service.config.max_waiting_jobs:
        service.metrics.refused.labels("jobs").inc()
        raise Overloaded(f"{waiting} jobs are waiting, and no more are taken; come again later", JOBS_WAIT)


def _submit_part(part: FileStorage, options: DetectQuery) -> Job:
    with here().spool.keep(part.stream, clean(part.filename or NAMELESS)) as upload:
        return _submit(upload, options)


@contextmanager
def _file(query: DetectQuery) -> Iterator[Upload]:
    """What is to be judged: the body, or what an address shows."""
    service = here()
    if query.url is None:
        with received(request, service.spool, query.name) as upload:
            yield upload
        return
    if not service.config.url_input:
        problems.refuse("url_refused", "this service takes no addresses; download the file and send it")
    with fetch.fetched(query.url, service.spool, service.config, query.name) as upload:
        yield upload


@contextmanager
def _once(header: DetectHeader, query: DetectQuery, upload: Upload) -> Iterator[Response | None]:
    """The answer that was given before to the same key; meanwhile nobody else works on it."""
    key, owner, asked = header.idempotency_key, access.owner(), _question(query, upload)
    if key is None:
        yield None
        return
    memory = here().memory
    kept = memory.find(owner, key, asked)
    with nullcontext() if kept else memory.once(owner, key, asked):
        yield _replayed(kept) if kept else None


def _replayed(kept: Kept) -> Response:
    return Response(kept.body, content_type=kept.content_type, headers={"Idempotency-Replayed": "true"})


def _remember(header: DetectHeader, query: DetectQuery, upload: Upload, response: Response) -> Response:
    if header.idempotency_key and query.retention != "none":
        question = _question(query, upload)
        body, kind = response.get_data(), response.content_type or ""
        here().memory.keep(access.owner(), header.idempotency_key, question, body, kind)
    return response


def _question(query: DetectQuery, upload: Upload) -> str:
    told = json.dumps([upload.sha256, upload.name, query.model_dump(), _wants_page()])
    return hashlib.sha256(told.encode()).hexdigest()


def _asked_for_later(header: DetectHeader) -> bool:
    return "respond-async" in [part.strip().lower() for part in (header.prefer or "").split(",")]


def _wants_page() -> bool:
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return best == "text/html"
