"""One line of JSON a request, and nothing in it that says who asked or what was judged.

No address, no file name, no hash of a file, no query, no key: what is left is enough to find a fault and to see load.
"""

from __future__ import annotations

import logging
import time

from flask import Flask, Response, g, request

log = logging.getLogger("catchlight.access")


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
