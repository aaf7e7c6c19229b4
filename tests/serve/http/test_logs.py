"""A line of JSON a request, with nothing in it about whom and what."""

from __future__ import annotations

import hashlib
import io
import json
import logging

import pytest
from flask.testing import FlaskClient

from catchlight.serve.http.lines import Lines


def test_a_request_is_one_line_without_personal_data(
    photo: bytes, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    sent = {"X-Request-Id": "find-me", "User-Agent": "agent-of-ann", "X-Forwarded-For": "203.0.113.9"}
    with caplog.at_level(logging.INFO):
        client.post(
            "/v1/detect?name=secret-name.jpg", data={"file": (io.BytesIO(photo), "ann.jpg")}, headers=sent
        )
    (record,) = [record for record in caplog.records if record.name == "catchlight.access"]
    line = Lines().format(record)
    told = json.loads(line)
    assert (told["method"], told["route"], told["status"], told["media"]) == (
        "POST",
        "/v1/detect",
        200,
        "image",
    )
    assert told["ms"] > 0
    assert told["verdict"] in ("real", "fake", "undecided")
    private = ("ann", "secret-name", "203.0.113.9", "127.0.0.1", hashlib.sha256(photo).hexdigest())
    assert not [word for word in private if word in line]


def test_a_job_is_logged_by_its_route_and_not_by_its_number(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    number = "0123456789abcdef" * 2
    with caplog.at_level(logging.INFO):
        client.get(f"/v1/jobs/{number}?a=private")
    line = Lines().format(caplog.records[-1])
    assert number not in line
    assert "private" not in line
    assert json.loads(line)["problem"] in ("job_not_found", "invalid_request")
