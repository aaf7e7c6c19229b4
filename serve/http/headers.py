"""What every request and response carries: an id to find it by, and headers that keep browsers out of trouble."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from flask import Flask, Response, g, request

from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.lines import REQUEST_ID
from catchlight.serve.http.problems import MEDIA_TYPE

HEADER = "X-Request-Id"
ACCEPTED_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
CORS_ALLOWED = "Authorization, Content-Type, Idempotency-Key, Prefer, X-API-Key, X-Request-Id"
CORS_EXPOSED = "Location, Retry-After, Preference-Applied, X-Request-Id, Idempotency-Replayed"


def whole(status: int, phrase: str, body: bytes, more: Mapping[str, str], last: bool) -> bytes:
    """A problem as it goes over the line, where the application is not asked.

    Args:
        status: Of the answer.
        phrase: Its words.
        body: JSON.
        more: Further headers.
        last: Whether the connection ends with it.
    """
    fields = {
        "Connection": "close" if last else "keep-alive",
        "Content-Type": MEDIA_TYPE,
        "Content-Length": str(len(body)),
        "Content-Security-Policy": NOTHING,
        "Cache-Control": "no-store",
        **SECURITY,
        **more,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{lines}\r\n".encode("ascii") + body


def install(app: Flask, config: ServerConfig) -> None:
    """Name every request, and add the headers to every response."""
    app.before_request(_name)

    def add(response: Response) -> Response:
        response.headers[HEADER] = g.get("request_id") or secrets.token_hex(16)
        for name, value in SECURITY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", NOTHING)
        response.headers.setdefault("Cache-Control", "no-store")
        _share(response, config.cors_origins)
        return response

    app.after_request(add)


def _name() -> None:
    given = request.headers.get(HEADER, "")
    # Anything else could write lines of its own into a log.
    g.request_id = given if ACCEPTED_ID.fullmatch(given) else secrets.token_hex(16)
    REQUEST_ID.set(g.request_id)


def _share(response: Response, origins: tuple[str, ...]) -> None:
    """Let pages of the named origins use the API; without any, no browser lets another page read an answer."""
    origin = request.headers.get("Origin")
    if not origins:
        return
    response.vary.add("Origin")
    if origin not in origins:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Expose-Headers"] = CORS_EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = CORS_ALLOWED
        response.headers["Access-Control-Max-Age"] = "600"
