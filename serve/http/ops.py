"""For those who run the service: is it alive, is it ready, what does it count, which detectors does it offer."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from typing import Any

from flask import Flask, Response
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag
from prometheus_client import CONTENT_TYPE_LATEST

from catchlight.detector.errors import CatchlightError, UnknownName
from catchlight.serve.http import access, problems
from catchlight.serve.http.questions import DetectorPath
from catchlight.serve.http.schemas import DetectorList, DetectorModel, Live, Ready
from catchlight.serve.http.service import here

TAG = Tag(name="operations", description="For those who run it.")
DETECTORS = Tag(name="detectors", description="What judges, and how well it was measured to.")
blueprint = APIBlueprint("ops", __name__, abp_tags=[TAG])
detectors_blueprint = APIBlueprint("detectors", __name__, abp_tags=[DETECTORS], url_prefix="/v1")

TEXT = {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}}
NOT_READY = {
    "description": "No work is taken now.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ready"}}},
}


def exempt(app: Flask) -> None:
    """Take those who watch the service out of the rate limit."""
    app.extensions["catchlight.limiter"].exempt(blueprint)


@blueprint.get("/v2/health/live", summary="Is it alive", operation_id="live", responses={200: Live})
def live() -> Response:
    """The process answers; restart it when this does not."""
    return _json({"live": True})


@blueprint.get(
    "/v2/health/ready", summary="Is it ready", operation_id="ready", responses={200: Ready, 503: NOT_READY}
)
def ready() -> Response:
    """A detector is warm and the store of jobs answers; send no work while this is 503."""
    engine, jobs = here().engine.state, _jobs()
    fine = engine == "warm" and jobs == "ok"
    return _json({"ready": fine, "engine": engine, "jobs": jobs}, 200 if fine else 503)


@blueprint.get("/metrics", summary="Counters for Prometheus", operation_id="metrics", responses={200: TEXT})
@access.needs("metrics")
def metrics() -> Response:
    """Requests, latency by stage, the queue, verdicts, problems, jobs by state."""
    service = here()
    try:
        for state, count in service.store.counts().items():
            service.metrics.jobs.labels(state.value).set(count)
    except CatchlightError:
        service.metrics.problems.labels("store_unavailable").inc()
    return Response(service.metrics.text(), content_type=CONTENT_TYPE_LATEST)


@detectors_blueprint.get(
    "/detectors", summary="All detectors", operation_id="listDetectors", responses={200: DetectorList}
)
@access.needs("detect")
def detectors() -> Response:
    """Those that a request may name, the default first."""
    names = here().config.names
    return _json({"detectors": [describe(name) | {"default": name == names[0]} for name in names]})


@detectors_blueprint.get(
    "/detectors/<path:name>", summary="A detector", operation_id="getDetector", responses={200: DetectorModel}
)
@access.needs("detect")
def detector(path: DetectorPath) -> Response:
    """Its version, the hash that reports name it by, its calibration and its model card."""
    names = here().config.names
    if path.name not in names:
        problems.refuse("not_found", str(UnknownName("detector", path.name, names)))
    return _json(describe(path.name) | {"default": path.name == names[0]})


@cache
def describe(name: str) -> dict[str, Any]:
    """What is known of a detector without loading its network; of a plug-in without a bundle, its name."""
    from catchlight.detector import bundle

    try:
        found = bundle.load(name)
    except CatchlightError:
        empty = dict.fromkeys(("version", "sha256", "created", "calibration", "card"))
        return {"name": name, **empty}
    return {
        "name": name,
        "version": found.version,
        "sha256": found.sha256,
        "created": found.created,
        "calibration": _calibration(found.calibration),
        "card": found.card,
    }


def _calibration(found: Any) -> dict[str, Any]:
    """What a reader needs of it; the replicas are for the computation."""
    kinds = {kind: asdict(found.of(kind)) for kind in ("image", "video")}
    for kind in kinds.values():
        kind.pop("replicas")
    return {"id": found.id, "ece": found.ece, **kinds}


def _jobs() -> str:
    try:
        here().store.counts()
    except CatchlightError:
        return "unreachable"
    return "ok"


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body) + "\n", status, content_type="application/json")
