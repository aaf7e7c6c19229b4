"""Log records as lines of JSON; loads nothing of the web, since the parent process logs like this, too."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)  # of what this thread answers
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
            "request_id": REQUEST_ID.get(),
        }
        line |= {name: getattr(record, name) for name in OWN if hasattr(record, name)}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps({name: value for name, value in line.items() if value is not None})
