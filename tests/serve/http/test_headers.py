"""Ids go through, and no other site's page reads an answer unless it is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient


def test_an_id_of_the_client_comes_back(client: FlaskClient) -> None:
    response = client.get("/v2/health/live", headers={"X-Request-Id": "trace-7/a:b"})
    assert response.headers["X-Request-Id"] == "trace-7/a:b"
    problem = client.get("/nothing", headers={"X-Request-Id": "trace-8"})
    assert problem.json["request_id"] == "trace-8"


@pytest.mark.parametrize("sent", ["x" * 129, "two words", '{"a":1}', "š"])
def test_an_id_that_could_spoil_a_log_is_replaced(sent: str, client: FlaskClient) -> None:
    response = client.get("/v2/health/live", headers={"X-Request-Id": sent.encode().decode("latin-1")})
    assert len(response.headers["X-Request-Id"]) == 32


def test_only_named_origins_may_read(make: Callable[..., Flask]) -> None:
    client = make(cors_origins=("https://news.example",)).test_client()
    friend = client.get("/v2/health/live", headers={"Origin": "https://news.example"})
    assert friend.headers["Access-Control-Allow-Origin"] == "https://news.example"
    assert "Origin" in friend.headers["Vary"]
    for origin in ("https://evil.example", "null", "https://news.example.evil.example"):
        assert (
            "Access-Control-Allow-Origin"
            not in client.get("/v2/health/live", headers={"Origin": origin}).headers
        )


def test_a_named_origin_may_send_files(make: Callable[..., Flask]) -> None:
    client = make(cors_origins=("https://news.example",)).test_client()
    asked = {"Origin": "https://news.example", "Access-Control-Request-Method": "POST"}
    allowed = client.options("/v1/detect", headers=asked).headers
    assert "POST" in allowed["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in allowed["Access-Control-Allow-Headers"]
