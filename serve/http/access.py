"""Who may do what: API keys with scopes, and a limit to how often.

Without keys (`ServerConfig.auth` is "off") everyone is the same owner; the command refuses to listen beyond this
machine then, unless told to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter

from catchlight.serve.http import problems
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.keys import FILENAME, SCOPES, Key, Keyring

P = ParamSpec("P")
R = TypeVar("R")

ANYONE = "anyone"
REALM = {"WWW-Authenticate": 'Bearer realm="catchlight"'}


def install(app: Flask, config: ServerConfig) -> None:
    """Read the key of each request and count the requests of each client."""
    app.extensions["catchlight.keyring"] = (
        Keyring(config.folder / FILENAME) if config.auth == "keys" else None
    )
    app.before_request(_identify)
    limiter = Limiter(
        client,
        storage_uri=config.rate_store,
        default_limits=[config.rate_limit] if config.rate_limit else [],
        application_limits=[],
        headers_enabled=True,
        enabled=bool(config.rate_limit),
        strategy="fixed-window",
    )
    app.after_request(_own_pace)  # the last of the three: they run in the opposite order
    limiter.init_app(app)
    app.after_request(_note_pace)
    app.extensions["catchlight.limiter"] = limiter


def needs(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view answer only those whose key has this scope.

    Args:
        scope: One of `SCOPES`.
    """
    assert scope in SCOPES

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            demand(scope)
            return view(*args, **kwargs)

        return guarded

    return decorate


def demand(scope: str) -> None:
    """End the request with 401 or 403 unless it may do this."""
    if permits(scope):
        return
    key: Key | None = g.get("key")
    if key is None:
        problems.refuse("unauthorized", "send an API key as 'Authorization: Bearer ck_…'", REALM)
    problems.refuse("forbidden", f"this key lacks the scope '{scope}'; it has: {', '.join(key.scopes)}")


def permits(scope: str) -> bool:
    """Whether the request may do this."""
    if current_app.extensions["catchlight.keyring"] is None:
        return True
    key: Key | None = g.get("key")
    return key is not None and scope in key.scopes


def owner() -> str:
    """Whose jobs and answers these are: the key's id, or the one name of all where no keys are asked for."""
    key: Key | None = g.get("key")
    return key.id if key else ANYONE


def client() -> str:
    """Whose requests are counted together: a key's, or those of an address."""
    key: Key | None = g.get("key")
    return f"key {key.id}" if key else f"address {request.remote_addr}"


def _note_pace(response: Response) -> Response:
    """Keep what the answer itself says of when to come again."""
    g.retry_after = response.headers.get("Retry-After")
    return response


def _own_pace(response: Response) -> Response:
    """When the minute ends, which the limiter writes into every answer, concerns those alone who asked too often.

    Whoever waits for a job, or found the queue full, is to come again far sooner.
    """
    if response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
        response.headers.remove("Retry-After")
        if own := g.get("retry_after"):
            response.headers["Retry-After"] = own
    return response


def _identify() -> None:
    ring: Keyring | None = current_app.extensions["catchlight.keyring"]
    sent = request.authorization
    text = sent.token if sent and sent.type == "bearer" else request.headers.get("X-API-Key")
    if ring is None or not text:
        return
    g.key = ring.find(text)
    if g.key is None:
        problems.refuse("unauthorized", "this API key is unknown, revoked or has ended", REALM)
