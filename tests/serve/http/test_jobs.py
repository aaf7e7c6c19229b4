"""Jobs over HTTP, against a real server with a real worker; what needs no worker goes to the application itself."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient

from catchlight.detector.errors import MediaTookTooLong
from catchlight.serve.http.app import create_app
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.engine import Engine
from catchlight.serve.http.service import NAME
from catchlight.serve.sandbox.scorer import Answer

LATER = {"Prefer": "respond-async"}
SOON = 90.0


def ended(server: str, address: str) -> Any:
    until = time.monotonic() + SOON
    while time.monotonic() < until:
        job = httpx.get(f"{server}{address}").json()
        if job["state"] not in ("queued", "running"):
            return job
        time.sleep(0.1)
    raise AssertionError("the job did not end")


@pytest.fixture
def submitted(photo: bytes, client: FlaskClient) -> Any:
    """A job that no worker takes."""
    job = client.post("/v1/detect?name=a.jpg", data=photo, headers=LATER).json
    yield job
    client.delete(f"/v1/jobs/{job['id']}?forget=true")


@pytest.mark.slow
def test_a_job_ends_with_the_report_that_an_answer_at_once_has(server: str, media_folder: Path) -> None:
    clip = (media_folder / "real" / "walk.mp4").read_bytes()
    asked = f"{server}/v1/detect?frames=4&sampling=even"
    now = httpx.post(asked, files={"file": ("walk.mp4", clip)}, timeout=SOON).json()
    accepted = httpx.post(asked, files={"file": ("walk.mp4", clip)}, headers=LATER)
    assert accepted.status_code == 202
    assert accepted.headers["Preference-Applied"] == "respond-async"
    assert accepted.headers["Location"] == f"/v1/jobs/{accepted.json()['id']}"
    job = ended(server, accepted.headers["Location"])
    assert (job["state"], job["progress"], job["error"]) == ("done", 1.0, None)
    assert {**job["result"], "timings_ms": 0} == {**now, "timings_ms": 0}
    page = httpx.get(server + job["links"]["page"])
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "walk.mp4" in page.text
    assert httpx.delete(f"{server}{accepted.headers['Location']}?forget=true").status_code == 204
    assert httpx.get(server + accepted.headers["Location"]).status_code == 404


def test_a_file_that_can_not_be_judged_fails_with_its_problem(server: str) -> None:
    sent = httpx.post(f"{server}/v1/detect?name=a.txt", content=b"a shopping list", headers=LATER)
    job = ended(server, sent.headers["Location"])
    assert job["state"] == "failed"
    assert job["result"] is None
    assert (job["error"]["code"], job["error"]["status"]) == ("not_media", 415)


def test_long_video_becomes_a_job_by_itself(make: Callable[..., Flask], media_folder: Path) -> None:
    client = make(sync_seconds=0.5).test_client()
    clip = (media_folder / "real" / "walk.mp4").read_bytes()
    response = client.post("/v1/detect", data=clip)
    assert response.status_code == 202
    assert "Preference-Applied" not in response.headers
    assert response.json["state"] == "queued"
    assert "longest" not in response.json["options"]


class Slow(Engine):
    """An engine for which everything takes too long."""

    def judge(self, path: Path, options: object, *, name: str, patient: bool = False) -> Answer:
        raise MediaTookTooLong(f"judging {name} took over 10 s")


def test_what_takes_too_long_becomes_a_job_unless_nothing_may_be_kept(
    app: Flask, tmp_path: Path, photo: bytes
) -> None:
    warm = app.extensions[NAME]
    engine = Slow(warm.engine._scorer, 1, 10.0, 10.0, warm.metrics)
    other = create_app(ServerConfig(state=str(tmp_path), rate_limit=""), engine=engine)
    client = other.test_client()
    later = client.post("/v1/detect", data=photo)
    assert (later.status_code, later.json["state"]) == (202, "queued")
    refused = client.post("/v1/detect?retention=none", data=photo)
    assert (refused.status_code, refused.json["code"]) == (422, "took_too_long")
    other.extensions[NAME].spool.close()
    other.extensions[NAME].store.close()


def test_a_job_is_told_with_times_links_and_place(submitted: Any, client: FlaskClient) -> None:
    response = client.get(f"/v1/jobs/{submitted['id']}")
    assert response.json == submitted
    assert response.headers["Retry-After"] == "1"
    assert re.fullmatch(r"[0-9a-f]{32}", submitted["id"])
    assert submitted["media"]["name"] == "a.jpg"
    assert submitted["links"] == {"self": f"/v1/jobs/{submitted['id']}"}
    created, expires = (datetime.fromisoformat(submitted[name]) for name in ("created", "expires"))
    assert created < expires
    assert submitted["id"] in [job["id"] for job in client.get("/v1/jobs").json["jobs"]]
    assert len(client.get("/v1/jobs?limit=1").json["jobs"]) == 1


def test_a_job_can_be_cancelled_and_forgotten(submitted: Any, client: FlaskClient) -> None:
    address = f"/v1/jobs/{submitted['id']}"
    assert client.delete(address).json["state"] == "cancelled"
    assert client.delete(address).json["state"] == "cancelled"
    assert client.get(f"{address}/report.html").status_code == 404
    assert client.delete(f"{address}?forget=true").status_code == 204
    assert client.get(address).status_code == 404


def test_a_job_with_the_same_key_is_the_same_job(photo: bytes, client: FlaskClient) -> None:
    headers = {**LATER, "Idempotency-Key": "job-1"}
    first, again = (client.post("/v1/detect?name=a", data=photo, headers=headers).json for _ in range(2))
    assert first["id"] == again["id"]
    other = client.post("/v1/detect?name=a&frames=3", data=photo, headers=headers)
    assert (other.status_code, other.json["code"]) == (409, "job_conflict")


def test_a_batch_may_become_jobs(photo: bytes, client: FlaskClient) -> None:
    from io import BytesIO

    files = [(BytesIO(photo), "a.jpg"), (BytesIO(b"text"), "b.jpg")]
    response = client.post("/v1/batch", data={"file": files}, headers=LATER)
    assert response.status_code == 202
    assert [job["media"]["name"] for job in response.json["jobs"]] == ["a.jpg", "b.jpg"]


def test_a_full_queue_takes_no_more(make: Callable[..., Flask], photo: bytes) -> None:
    client = make(max_waiting_jobs=1).test_client()
    assert client.post("/v1/detect", data=photo, headers=LATER).status_code == 202
    response = client.post("/v1/detect", data=photo, headers=LATER)
    assert (response.status_code, response.json["code"]) == (503, "overloaded")
    assert int(response.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "webhook", ["ftp://a.example/x", "file:///etc/passwd", "https://user:pw@a.example/", "x"]
)
def test_a_webhook_is_an_address_without_secrets(webhook: str, photo: bytes, client: FlaskClient) -> None:
    response = client.post("/v1/detect", query_string={"webhook": webhook}, data=photo, headers=LATER)
    assert response.status_code == 422


def test_the_key_of_webhooks_is_told_to_its_owner(client: FlaskClient) -> None:
    assert client.get("/v1/webhook-secret").json["secret"].startswith("whsec_")
