"""Slow bodies end, few come at once, and refusals never break the connection under the next request."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import httpx
import pytest
from flask import Flask

from catchlight.detector.errors import Overloaded, RequestTooSlow
from catchlight.serve.http.bodies import Places, Timed
from catchlight.serve.http.gateway import DROPPED


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


@pytest.mark.parametrize("why", [TimeoutError, RequestTooSlow])
def test_a_silent_client_is_told(why: type[Exception]) -> None:
    class Silent(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise why

    with pytest.raises(RequestTooSlow):
        Timed(Silent(), time.monotonic() + 60, Places(1)).read()


def test_a_body_has_a_place_from_its_first_byte_to_its_last() -> None:
    def body(content: bytes) -> Timed:
        return Timed(io.BytesIO(content), time.monotonic() + 60, places, len(content))

    places = Places(1)
    first, second = body(b"abc"), body(b"abc")
    assert body(b"").read() == b""  # there is nothing to wait for
    assert first.read(2) == b"ab"
    with pytest.raises(Overloaded):
        second.read(2)
    assert first.read(2) == b"c"
    assert second.read(2) == b"ab"
    second.leave()  # the request ended early
    assert body(b"abc").read() == b"abc"
