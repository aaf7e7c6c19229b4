"""Counters in Prometheus's format, by route and never by path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from catchlight.serve.http.config import METRICS_FOLDER
from catchlight.serve.http.metrics import Metrics


def values(text: str, name: str) -> dict[tuple[tuple[str, str], ...], float]:
    found = [s for family in text_string_to_metric_families(text) for s in family.samples if s.name == name]
    return {tuple(sorted(sample.labels.items())): sample.value for sample in found}


def test_requests_are_counted_by_route_method_and_status(make: Callable[..., Flask]) -> None:
    client = make().test_client()
    for path in ("/v2/health/live", "/v2/health/live", "/scan-1", "/scan-2", "/v1/jobs/" + "0" * 32):
        client.get(path)
    client.open("/v2/health/live", method="INVENTED")
    counted = values(client.get("/metrics").text, "catchlight_requests_total")
    by = {
        (dict(labels)["route"], dict(labels)["method"], dict(labels)["status"]): n
        for labels, n in counted.items()
    }
    assert by["/v2/health/live", "GET", "200"] == 2
    assert by["none", "GET", "404"] == 2
    assert by["/v1/jobs/<id>", "GET", "404"] == 1
    assert not [labels for labels in by if "INVENTED" in labels]


def test_problems_are_counted_by_code(make: Callable[..., Flask]) -> None:
    client = make().test_client()
    client.post("/v1/detect", data=b"text")
    counted = values(client.get("/metrics").text, "catchlight_problems_total")
    assert counted[(("code", "not_media"),)] == 1


def test_processes_that_share_a_folder_are_told_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    monkeypatch.setenv(METRICS_FOLDER, str(tmp_path))
    code = "from catchlight.serve.http.metrics import Metrics; Metrics().refused.labels('full').inc(2)"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", code], check=True)
    assert values(Metrics().text().decode(), "catchlight_refused_total")[(("reason", "full"),)] == 4
