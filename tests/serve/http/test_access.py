"""Keys open what their scopes say, and nobody asks more often than the limit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from catchlight.serve.http.keys import FILENAME, Keyring

Make = Callable[..., Flask]


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / FILENAME)


def test_without_a_key_nothing_but_health_and_pages_is_told(make: Make, photo: bytes) -> None:
    client = make(auth="keys").test_client()
    for ask in (
        lambda: client.post("/v1/detect", data=photo),
        lambda: client.get("/v1/detectors"),
        lambda: client.get("/v1/jobs"),
        lambda: client.get("/metrics"),
    ):
        response = ask()
        assert (response.status_code, response.json["code"]) == (401, "unauthorized")
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
    for path in ("/v2/health/live", "/", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_opens_what_its_scopes_say(header: str, make: Make, ring: Keyring, photo: bytes) -> None:
    client = make(auth="keys").test_client()
    text, key = ring.create("newsroom", ("detect",))
    sent = {header: f"Bearer {text}" if header == "Authorization" else text}
    assert client.post("/v1/detect", data=photo, headers=sent).status_code == 200
    for path in ("/v1/jobs", "/metrics"):
        response = client.get(path, headers=sent)
        assert (response.status_code, response.json["code"]) == (403, "forbidden")
    ring.revoke(key.id)
    assert client.get("/v1/detectors", headers=sent).status_code == 401


def test_a_wrong_key_is_told_even_where_none_is_needed(make: Make) -> None:
    client = make(auth="keys").test_client()
    response = client.get("/docs", headers={"Authorization": "Bearer ck_000000000000_guess"})
    assert response.status_code == 401


def test_owners_do_not_see_the_jobs_of_others(make: Make, ring: Keyring, photo: bytes) -> None:
    client = make(auth="keys").test_client()
    ann, bob = (
        {"Authorization": f"Bearer {ring.create(name, ('detect', 'jobs'))[0]}"} for name in ("ann", "bob")
    )
    job = client.post("/v1/detect", data=photo, headers={**ann, "Prefer": "respond-async"}).json["id"]
    assert client.get(f"/v1/jobs/{job}", headers=ann).status_code == 200
    assert client.get(f"/v1/jobs/{job}", headers=bob).status_code == 404
    assert client.delete(f"/v1/jobs/{job}", headers=bob).status_code == 404
    assert client.get("/v1/jobs", headers=bob).json["jobs"] == []


def test_other_answers_keep_their_own_pace(make: Make, photo: bytes) -> None:
    client = make(rate_limit="30 per minute").test_client()
    assert "Retry-After" not in client.get("/v1/detectors").headers
    assert "Retry-After" not in client.post("/v1/detect", data=photo).headers
    accepted = client.post("/v1/detect", data=photo, headers={"Prefer": "respond-async"})
    assert (accepted.status_code, accepted.headers["Retry-After"]) == (202, "1")
    assert accepted.headers["X-RateLimit-Limit"] == "30"


def test_who_asks_too_often_is_told_when_to_come_again(make: Make) -> None:
    client = make(rate_limit="3 per minute").test_client()
    for _ in range(3):
        assert client.get("/v1/detectors").status_code == 200
    response = client.get("/v1/detectors")
    assert (response.status_code, response.json["code"]) == (429, "rate_limited")
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    for _ in range(5):
        assert client.get("/v2/health/live").status_code == 200
