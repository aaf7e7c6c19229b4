"""OpenAPI 3.1 from the code: what flask-openapi collects from the views, put straight where it is too wide."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from flask_openapi.openapi import OpenAPI

from catchlight.serve.http.problems import MEDIA_TYPE

VERSION = "3.1.0"
METHODS = ("get", "post", "delete")
OPEN = ("/v2/health/live", "/v2/health/ready")  # asked by machines that have no key

ABOUT = """Judges whether faces in photographs and videos were forged, and says why.

The answer is `real`, `fake` or `undecided`, with a probability, an interval and reasons: the same report as from the
command `catchlight detect --json`. Every error is a problem of RFC 9457; `code` is its stable name. Every response has
an `X-Request-Id`; send your own to find it again in the logs."""

REQUEST_ID = {
    "name": "X-Request-Id",
    "in": "header",
    "required": False,
    "description": "An id of yours, up to 128 letters, digits and ._:/+=-; the response and the logs carry it.",
    "schema": {"type": "string"},
}


def document(app: OpenAPI) -> dict[str, Any]:
    """The whole specification as plain values.

    Args:
        app: An application with all of its blueprints.
    """
    spec: dict[str, Any] = deepcopy(app.api_doc)
    spec["openapi"] = VERSION
    for path, item in spec["paths"].items():
        for method in METHODS:
            if method in item:
                _straighten(item[method], path)
    for schema in spec["components"]["schemas"].values():
        schema.pop("$defs", None)  # each stands beside it already
    return spec


def operations(spec: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and operation of all that can be asked, in the order of the code."""
    return [
        (method.upper(), path, item[method])
        for path, item in spec["paths"].items()
        for method in METHODS
        if method in item
    ]


def _straighten(operation: dict[str, Any], path: str) -> None:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"]["422"] = {"description": "It breaks a rule.", "content": content}
    operation["responses"]["default"] = {"description": "A problem (RFC 9457).", "content": content}
    operation["description"] = operation["description"].replace("<br/>", " ")
    operation["parameters"] = [_without_null(each) for each in operation.get("parameters", [])]
    operation["parameters"].append(REQUEST_ID)
    if path not in OPEN:
        operation["security"] = [{}, {"key": []}]  # none is asked for where the service runs without keys


def _without_null(parameter: dict[str, Any]) -> dict[str, Any]:
    """A parameter is absent or has a value; there is no null in an address."""
    schema = dict(parameter["schema"])
    kinds = [kind for kind in schema.pop("anyOf", []) if kind.get("type") != "null"]
    schema |= kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {}
    if schema.get("default", "") is None:
        del schema["default"]
    return {**parameter, "schema": schema}
