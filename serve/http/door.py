"""Who is let in, judged by the head of a request alone: a refusal costs neither a body nor the application.

While a file is judged and another waits, a third one would only be uploaded to be refused. With many of them, reading
and refusing would take the processor from the file that is judged; so the gateway asks here first.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Iterable

from catchlight.detector.errors import Overloaded
from catchlight.serve.http import headers, problems
from catchlight.serve.http.lines import REQUEST_ID
from catchlight.serve.http.service import Service

log = logging.getLogger("catchlight.access")

PATHS = ("/v1/detect", "/v1/batch")
PHRASE = "Service Unavailable"


class Door:
    """Stands before one application.

    Args:
        service: Its parts.
    """

    def __init__(self, service: Service) -> None:
        self._engine, self._metrics = service.engine, service.metrics
        self._shares = bool(service.config.cors_origins)

    def refusal(self, method: str, path: str, given: Iterable[tuple[str, str]], last: bool) -> bytes | None:
        """The whole answer to a request that there is no room for; None lets it in.

        Args:
            method: Of the request.
            path: Without the query.
            given: Its headers, names in capitals.
            last: Whether the connection ends with this answer.
        """
        if method != "POST" or path not in PATHS:
            return None
        found = dict(given)
        # A job needs no room now; and what pages of other origins may read, the application tells.
        if "respond-async" in found.get("PREFER", "").lower() or (self._shares and "ORIGIN" in found):
            return None
        began = time.perf_counter()
        try:
            self._engine.demand_room()
        except Overloaded as error:
            answer = _answer(error, path, _name(found.get(headers.HEADER.upper(), "")), last)
            self._note(path, found.get("CONTENT-LENGTH"), len(answer), time.perf_counter() - began)
            return answer
        return None

    def _note(self, path: str, announced: str | None, sent: int, seconds: float) -> None:
        self._metrics.requests.labels(path, "POST", "503").inc()
        self._metrics.seconds.labels(path).observe(seconds)
        self._metrics.problems.labels("overloaded").inc()
        facts = {"method": "POST", "route": path, "status": 503, "ms": round(1e3 * seconds, 1)}
        more = {"bytes_in": int(announced)} if announced else {}
        log.info("request", extra={**facts, **more, "bytes_out": sent, "problem": "overloaded"})


def _name(given: str) -> str:
    name = given if headers.ACCEPTED_ID.fullmatch(given) else secrets.token_hex(16)
    REQUEST_ID.set(name)
    return name


def _answer(error: Overloaded, path: str, name: str, last: bool) -> bytes:
    said, more = problems.of_error(error)
    body = json.dumps({**said, "instance": path, "request_id": name}).encode()
    return headers.whole(503, PHRASE, body, {headers.HEADER: name, **more}, last)
