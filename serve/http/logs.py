"""One line of JSON a request, and nothing in it that says who asked or what was judged.

No address, no file name, no hash of a file, no query, no key: what is left is enough to find a fault and to see load.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime

from flask import Flask, Response, g, request

log = logging.getLogger("catchlight.access")

OWN = (
    "method",
    "route",
    "status",
    "ms",
    "bytes_in",
    "bytes_out",
    "problem",
    "key",
    "detector",
    "media",
    "verdict",
)


class Lines(logging.Formatter):
    """Formats records as lines of JSON; a traceback is one string in them.

    Example:
        >>> record = logging.LogRecord("catchlight", logging.INFO, "", 1, "ready", None, None)
        >>> json.loads(Lines().format(record))["message"]
        'ready'
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", None) or _request_id(),
        }
        line |= {name: getattr(record, name) for name in OWN if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})


def to_stderr(level: int = logging.INFO) -> None:
    """Send all logs of this process to standard error as lines of JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # It logs whole addresses, and those have queries.
    logging.getLogger("httpx").setLevel(logging.WARNING)


def install(app: Flask) -> None:
    """Log every request when it is answered."""

    def begin() -> None:
        g.began = time.perf_counter()

    def end(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else None
        facts = {
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "ms": round(1e3 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
            "bytes_in": request.content_length,
            "bytes_out": response.content_length,
            "problem": g.get("problem"),
            "key": g.key.id if g.get("key") else None,
            **g.get("facts", {}),
        }
        log.info("request", extra={name: value for name, value in facts.items() if value is not None})
        return response

    app.before_request(begin)
    app.after_request(end)


def _request_id() -> str | None:
    return g.get("request_id") if g else None
