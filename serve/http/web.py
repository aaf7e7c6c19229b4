"""The pages: drop a file at ``/``, read about the API at ``/docs``; nothing on them comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify, render_template
from markupsafe import Markup, escape

from catchlight.serve.http import spec
from catchlight.serve.http.problems import PROBLEMS
from catchlight.serve.http.service import here
from catchlight.serve.report import words

HERE = Path(__file__).parent
blueprint = Blueprint(
    "web", __name__, template_folder="pages", static_folder="pages/static", static_url_path="/static"
)

POLICY = (
    # Styles inside the page are for the report that it shows: a frame of a blob obeys the page that made it.
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; frame-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@blueprint.get("/")
def index() -> Response:
    """Drop a file, see the report."""
    config = here().config
    return _page("index.html", config=config, words=words)


@blueprint.get("/docs")
def docs() -> Response:
    """What can be asked and what is answered, made from the same specification as ``/openapi.json``."""
    described = spec.document(current_app)  # type: ignore[arg-type]
    return _page(
        "docs.html", spec=described, operations=spec.operations(described), problems=PROBLEMS, words=words
    )


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The specification, OpenAPI 3.1."""
    return jsonify(spec.document(current_app))  # type: ignore[arg-type]


@blueprint.app_template_filter("marked")
def marked(text: str) -> Markup:
    """What stands in backticks as code; all else as plain text."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _page(name: str, **values: object) -> Response:
    response = Response(render_template(name, **values), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    return response
