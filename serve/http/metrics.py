"""What is counted for Prometheus, and how several processes of one service add up."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from catchlight.detector.types import Report
from catchlight.serve.http.config import METRICS_FOLDER

SECONDS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.12, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 30.0)


class Metrics:
    """The counters of one application; each application has its own, so that two can live in one process.

    Example:
        >>> metrics = Metrics()
        >>> metrics.refused.labels("full").inc()
        >>> b'catchlight_refused_total{reason="full"} 1.0' in metrics.text()
        True
    """

    def __init__(self) -> None:
        self.registry = here = CollectorRegistry()
        self.requests = Counter(
            "catchlight_requests", "Requests by outcome", ["route", "method", "status"], registry=here
        )
        self.seconds = _times("request_seconds", "Time to answer", ["route"], here)
        self.stages = _times("stage_seconds", "Time of a stage", ["stage"], here)
        self.wait = _times("queue_wait_seconds", "Time in the queue", [], here)
        self.depth = _sum("queue_depth", "Requests that wait", here)
        self.busy = _sum("engine_busy", "Files being judged", here)
        self.verdicts = Counter(
            "catchlight_verdicts", "Verdicts", ["verdict", "kind", "detector"], registry=here
        )
        self.problems = Counter("catchlight_problems", "Problems by code", ["code"], registry=here)
        self.refused = Counter(
            "catchlight_refused", "Work refused for lack of room", ["reason"], registry=here
        )
        self.jobs = Gauge(
            "catchlight_jobs", "Jobs by state", ["state"], multiprocess_mode="max", registry=here
        )

    def judged(self, report: Report) -> None:
        """Count a report: its verdict, and where its time went."""
        self.verdicts.labels(report.verdict, report.media.kind, report.model.name).inc()
        for stage, spent in report.timings_ms.items():
            self.stages.labels(stage).observe(spent / 1e3)

    def text(self) -> bytes:
        """All of it in Prometheus's text format; of all processes, where they share a folder."""
        if METRICS_FOLDER not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


def _times(name: str, meaning: str, labels: Sequence[str], registry: CollectorRegistry) -> Histogram:
    return Histogram(f"catchlight_{name}", meaning, labels, buckets=SECONDS, registry=registry)


def _sum(name: str, meaning: str, registry: CollectorRegistry) -> Gauge:
    """A state of one process; that of the service is the sum of all that live."""
    return Gauge(f"catchlight_{name}", meaning, multiprocess_mode="livesum", registry=registry)


def install(app: Flask) -> Metrics:
    """Count every request of an application."""
    metrics = Metrics()
    app.extensions["catchlight.metrics"] = metrics

    def begin() -> None:
        g.started = time.perf_counter()

    def end(response: Response) -> Response:
        # The rule and not the path: paths have numbers of jobs in them, and a scan would fill the memory.
        route = request.url_rule.rule if request.url_rule else "none"
        metrics.requests.labels(route, _method(), str(response.status_code)).inc()
        metrics.seconds.labels(route).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        if "problem" in g:
            metrics.problems.labels(g.problem).inc()
        return response

    app.before_request(begin)
    app.after_request(end)
    return metrics


def _method() -> str:
    """A method that anyone can invent is no label."""
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    return request.method if request.method in known else "other"
