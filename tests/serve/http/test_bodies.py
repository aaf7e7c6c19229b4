"""Slow bodies end, and refusals never break the connection under the next request."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import httpx
import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from catchlight.serve.http.bodies import DROPPED, Timed


@pytest.mark.parametrize("size", [100_000, DROPPED + 5_000_000])
def test_a_refusal_before_the_body_was_read_leaves_a_usable_connection(size: int, server: str) -> None:
    with httpx.Client(base_url=server, timeout=60.0) as client:
        for _ in range(5):
            response = client.post("/v1/detect?frames=0", content=b"x" * size)
            assert response.status_code == 422
            assert ("close" in response.headers.get("Connection", "")) == (size > DROPPED)


def test_a_body_that_does_not_come_is_given_up(make: Callable[..., Flask], photo: bytes) -> None:
    client = make(body_seconds=1e-9).test_client()
    form = {"file": (io.BytesIO(photo), "a.jpg")}
    for request in ({"data": photo}, {"data": form}):
        response = client.post("/v1/detect", **request)
        assert (response.status_code, response.json["code"]) == (408, "body_too_slow")


def test_a_silent_client_is_told_apart_from_a_slow_one(make: Callable[..., Flask]) -> None:
    class Silent(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise TimeoutError

    with make().test_request_context(), pytest.raises(HTTPException) as refusal:
        Timed(Silent(), time.monotonic() + 60).read()
    assert refusal.value.response
    assert refusal.value.response.status_code == 408
