"""Refusals by the head of a request alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from catchlight.serve.http.door import Door
from catchlight.serve.http.service import NAME, Service

ID = ("X-REQUEST-ID", "mine-1")


@pytest.fixture
def full(make: Callable[..., Flask]) -> Iterator[Service]:
    """An application whose line is full."""
    service: Service = make(cors_origins=("https://page.example",)).extensions[NAME]
    waiting, service.engine._waiting = service.engine._waiting, 0
    yield service
    service.engine._waiting = waiting


def test_a_refusal_is_a_whole_answer_and_is_counted(full: Service) -> None:
    answer = Door(full).refusal("POST", "/v1/detect", [ID, ("CONTENT-LENGTH", "70000")], last=False)
    assert answer
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 503 Service Unavailable"
    sent = dict(line.split(": ", 1) for line in lines[1:])
    assert int(sent["Retry-After"]) >= 1
    assert (sent["Content-Type"], sent["X-Request-Id"]) == ("application/problem+json", "mine-1")
    assert (sent["Connection"], int(sent["Content-Length"])) == ("keep-alive", len(body))
    problem = json.loads(body)
    assert (problem["status"], problem["code"], problem["request_id"]) == (503, "overloaded", "mine-1")
    counted = full.metrics.text()
    assert b'catchlight_requests_total{method="POST",route="/v1/detect",status="503"} 1.0' in counted


def test_the_last_answer_of_a_connection_says_so(full: Service) -> None:
    answer = Door(full).refusal("POST", "/v1/batch", [], last=True)
    assert answer
    assert b"Connection: close" in answer


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("GET", "/v1/detect", []),
        ("POST", "/v1/jobs", []),
        ("POST", "/v1/detect", [("PREFER", "respond-async")]),
        (
            "POST",
            "/v1/detect",
            [("ORIGIN", "https://page.example")],
        ),  # the application adds what browsers need
    ],
)
def test_what_needs_no_room_now_is_let_in(
    method: str, path: str, given: list[tuple[str, str]], full: Service
) -> None:
    assert Door(full).refusal(method, path, given, last=False) is None


def test_with_room_all_are_let_in(app: Flask) -> None:
    assert Door(app.extensions[NAME]).refusal("POST", "/v1/detect", [], last=False) is None
