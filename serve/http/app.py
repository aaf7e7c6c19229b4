"""``create_app(config)``: the Flask application, put together from its parts."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from flask import Flask
from flask_openapi.models.info import Info
from flask_openapi.models.security_scheme import SecurityScheme
from flask_openapi.openapi import OpenAPI
from werkzeug.middleware.proxy_fix import ProxyFix

from catchlight.serve.http import (
    access,
    bodies,
    headers,
    jobs,
    logs,
    metrics,
    ops,
    problems,
    scoring,
    spec,
    web,
)
from catchlight.serve.http.config import ServerConfig, from_environment
from catchlight.serve.http.engine import Engine
from catchlight.serve.http.idempotency import Memory
from catchlight.serve.http.schemas import Problem
from catchlight.serve.http.scorers import Scorers
from catchlight.serve.http.service import NAME, Service
from catchlight.serve.jobs.open import open_store
from catchlight.serve.jobs.types import JobStore

# Bytes of the parts of a form that are no files. Werkzeug also holds this against the piece of a file that it has just
# read (64 KiB and what was left of the one before), so it must be well above that, or photographs are refused.
FORM_TEXT = 1 << 20


def create_app(
    config: ServerConfig | None = None,
    *,
    scorers: Scorers | None = None,
    engine: Engine | None = None,
    store: JobStore | None = None,
) -> Flask:
    """Make the application; nothing is loaded that computes until its engine starts.

    Args:
        config: The settings; by default those of the environment.
        scorers: The sandboxes, where they were begun early.
        engine: What judges, in place of the one that the settings describe.
        store: Where jobs are kept, likewise.

    Raises:
        ConfigError: The settings can't be used.
        StoreError: The store of jobs can't be opened.

    Example:
        >>> import tempfile
        >>> app = create_app(ServerConfig(state=tempfile.mkdtemp()))
        >>> app.test_client().get("/v2/health/live").json
        {'live': True}
    """
    config = config or from_environment()
    app = _bare(config)
    # The order of a request: its name, the clock, who it is; then the rate limit and the view.
    headers.install(app, config)
    logs.install(app)
    counted = metrics.install(app)
    access.install(app, config)
    bodies.install(app, config)
    problems.install(app)
    for blueprint in (scoring.blueprint, jobs.blueprint, ops.detectors_blueprint, ops.blueprint):
        app.register_api(blueprint)
    app.register_blueprint(web.blueprint)
    ops.exempt(app)
    app.extensions[NAME] = _service(config, counted, scorers, engine, store)
    if config.trust_proxies:
        number = config.trust_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=number, x_proto=number)  # type: ignore[method-assign]
    return app


def _bare(config: ServerConfig) -> OpenAPI:
    app = OpenAPI(
        "catchlight",
        root_path=str(web.HERE),
        static_folder=None,
        info=Info(title="catchlight", version=version("catchlight"), description=spec.ABOUT),
        security_schemes=_schemes(),
        validation_error_model=Problem,
        validation_error_callback=problems.invalid,
        doc_ui=False,
    )
    app.config["MAX_CONTENT_LENGTH"] = config.max_body
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_TEXT
    app.config["MAX_FORM_PARTS"] = config.max_batch + 16
    return app


def _service(
    config: ServerConfig,
    counted: metrics.Metrics,
    scorers: Scorers | None,
    engine: Engine | None,
    store: JobStore | None,
) -> Service:
    store = store or open_store(config.jobs_url)
    scorers = scorers or Scorers(config)
    return Service(
        config=config,
        metrics=counted,
        engine=engine or Engine(scorers, config.queue, config.deadline, config.picture_seconds, counted),
        spool=scorers.spool,
        store=store,
        memory=Memory(config.keep_answers),
    )


def _schemes() -> dict[str, SecurityScheme | dict[str, Any]]:
    return {"key": SecurityScheme(type="http", scheme="bearer", description="An API key.")}
