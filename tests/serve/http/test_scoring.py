"""Files in, reports out: the same bytes as from the command, every option, every refusal."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from catchlight.detector.report import from_dict
from catchlight.serve.cli.main import main
from catchlight.serve.http.service import NAME

Make = Callable[..., Flask]

TIMINGS = re.compile(r'"timings_ms": \{[^}]*\}')


@pytest.fixture
def clip(media_folder: Path) -> bytes:
    return (media_folder / "real" / "walk.mp4").read_bytes()


def form(data: bytes, name: str = "photo.jpg") -> dict[str, Any]:
    return {"data": {"file": (io.BytesIO(data), name)}}


def by_command(data: bytes, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> str:
    (folder / name).write_bytes(data)
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, ["detect", "--json", *options, name]).stdout


@pytest.mark.parametrize("kind", ["form", "body"])
@pytest.mark.parametrize("name", ["photo.jpg", "clip.mp4"])
def test_the_answer_has_the_bytes_that_the_command_prints(
    kind: str,
    name: str,
    photo: bytes,
    clip: bytes,
    client: FlaskClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = photo if name == "photo.jpg" else clip
    options = ["--frames", "5", "--sampling", "even"]
    if kind == "form":
        response = client.post("/v1/detect?frames=5&sampling=even&cues=false", **form(data, name))
        options.append("--no-cues")
    else:
        response = client.post(f"/v1/detect?frames=5&sampling=even&name={name}", data=data)
    assert response.status_code == 200
    assert response.content_type == "application/json"
    printed = by_command(data, name, tmp_path, monkeypatch, *options)
    assert TIMINGS.sub("", response.text) == TIMINGS.sub("", printed)
    assert response.json["timings_ms"]["total"] > 0


@pytest.mark.parametrize(
    "kind", ["image/jpeg", "video/mp4", "application/octet-stream", "application/x-www-form-urlencoded", ""]
)
def test_a_body_is_taken_as_what_its_bytes_are(kind: str, photo: bytes, client: FlaskClient) -> None:
    response = client.post("/v1/detect", data=photo, headers={"Content-Type": kind} if kind else {})
    assert response.status_code == 200
    assert response.json["media"]["kind"] == "image"


def test_nothing_of_a_file_stays(app: Flask, photo: bytes, client: FlaskClient) -> None:
    spool = app.extensions[NAME].spool.folder
    assert client.post("/v1/detect", data=photo).status_code == 200
    assert client.post("/v1/detect", data=b"no picture").status_code == 415
    assert client.post("/v1/detect", **form(photo)).status_code == 200
    assert [path.name for path in spool.iterdir()] == [".lock"]


def test_a_page_comes_in_place_of_the_report_or_with_it(photo: bytes, client: FlaskClient) -> None:
    page = client.post("/v1/detect", headers={"Accept": "text/html"}, **form(photo))
    assert page.content_type == "text/html; charset=utf-8"
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "photo.jpg" in page.text
    both = client.post("/v1/detect?page=true", **form(photo)).json
    assert from_dict(both).faces
    assert both["page"].lstrip().startswith("<!DOCTYPE html>")


def test_options_reach_the_judgement(photo: bytes, forged: Path, client: FlaskClient) -> None:
    def ask(options: str, data: bytes = photo) -> Any:
        return client.post(f"/v1/detect?{options}", data=data).json

    plain = ask("")
    assert "heatmaps" not in plain
    assert ask("heatmap=true")["heatmaps"][0]["values"]
    assert ask("cues=false")["faces"][0]["cues"] == {}
    loose, strict = (
        ask(f"thresholds=custom&real_below=0.1&fake_above={bound}", forged.read_bytes())
        for bound in (0.5, 0.99999)
    )
    assert loose["model"]["calibration"]["id"] != plain["model"]["calibration"]["id"]
    assert (loose["verdict"], strict["verdict"]) == ("fake", "undecided")


def test_a_part_of_a_video_is_judged_alone(clip: bytes, client: FlaskClient) -> None:
    report = client.post("/v1/detect?start=0.3&end=0.6", **form(clip, "clip.mp4")).json
    times = [frame["time"] for frame in report["faces"][0]["frames"]]
    assert times
    assert 0.3 <= min(times) <= max(times) < 0.6


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        ("detector=mobilnet", 422, "did you mean 'mobilenet'"),
        ("detector=os:system", 422, "unknown detector"),
        ("sampling=sometimes", 422, "sampling"),
        ("frames=0", 422, "frames"),
        ("frames=many", 422, "frames"),
        ("start=5&end=2", 422, "start"),
        ("start=nan", 422, "start"),
        ("fake_above=0.9", 422, "thresholds=custom"),
        ("thresholds=custom&fake_above=0.2", 422, "fake_above"),
        ("detectr=meso", 422, "did you mean 'detector'"),
        ("url=http://example.com/a.jpg", 422, "no addresses"),
    ],
)
def test_options_that_make_no_sense_are_told(
    options: str, status: int, says: str, photo: bytes, client: FlaskClient
) -> None:
    response = client.post(f"/v1/detect?{options}", data=photo)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert says in response.json["detail"]


def test_files_that_can_not_be_judged_are_told(photo: bytes, client: FlaskClient) -> None:
    cases = {
        b"a shopping list": (415, "not_media"),
        photo[: len(photo) // 3]: (422, "corrupt_media"),
        b"\x89PNG\r\n\x1a\n": (422, "corrupt_media"),
    }
    for data, expected in cases.items():
        problem = client.post("/v1/detect", **form(data, "a.jpg")).json
        assert (problem["status"], problem["code"]) == expected
        assert problem["detail"].startswith("a.jpg")


def test_bodies_that_hold_no_file_are_told(photo: bytes, client: FlaskClient) -> None:
    assert client.post("/v1/detect").json["code"] == "bad_request"
    assert client.post("/v1/detect", json={"a": 1}).json["code"] == "unsupported_media_type"
    assert "photo" in client.post("/v1/detect", data={"photo": (io.BytesIO(photo), "a.jpg")}).json["detail"]
    assert (
        client.post("/v1/detect", data={"file": "text"}, content_type="multipart/form-data").json["code"]
        == "invalid_request"
    )
    two = {"file": [(io.BytesIO(photo), "a.jpg"), (io.BytesIO(photo), "b.jpg")]}
    assert "/v1/batch" in client.post("/v1/detect", data=two).json["detail"]
    broken = client.post("/v1/detect", data=b"--x", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code in (400, 422)


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/batch"])
def test_options_in_a_form_are_refused_and_not_overlooked(
    path: str, client: FlaskClient, photo: bytes
) -> None:
    response = client.post(path, data={"file": (io.BytesIO(photo), "a.jpg"), "frames": "3"})
    assert (response.status_code, response.json["code"]) == (422, "invalid_request")
    assert "received also frames; options go into the address" in response.json["detail"]


def test_a_body_over_the_limit_is_refused(make: Make, photo: bytes) -> None:
    small = make(max_body=1000).test_client()
    for request in ({"data": photo}, form(photo)):
        response = small.post("/v1/detect", **request)
        assert (response.status_code, response.json["code"]) == (413, "payload_too_large")


def test_the_limits_of_the_header_hold(make: Make, photo: bytes, clip: bytes) -> None:
    strict = make(max_pixels=100, max_duration=0.5).test_client()
    for data in (photo, clip):
        problem = strict.post("/v1/detect", data=data).json
        assert (problem["status"], problem["code"]) == (413, "too_large")


def test_the_same_key_gets_the_same_answer(photo: bytes, clip: bytes, client: FlaskClient) -> None:
    key = {"Idempotency-Key": "test-1"}
    first = client.post("/v1/detect?name=a", data=photo, headers=key)
    again = client.post("/v1/detect?name=a", data=photo, headers=key)
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    for other in (
        client.post("/v1/detect?name=a", data=clip, headers=key),
        client.post("/v1/detect?name=b", data=photo, headers=key),
    ):
        assert (other.status_code, other.json["code"]) == (409, "job_conflict")
    assert client.post("/v1/detect", data=photo, headers={"Idempotency-Key": "a b"}).status_code == 422


def test_without_retention_no_answer_is_remembered_and_no_job_is_made(
    make: Make, photo: bytes, clip: bytes, client: FlaskClient
) -> None:
    key = {"Idempotency-Key": "test-2"}
    for _ in range(2):
        response = client.post("/v1/detect?retention=none", data=photo, headers=key)
        assert response.status_code == 200
        assert "Idempotency-Replayed" not in response.headers
    later = client.post("/v1/detect?retention=none", data=photo, headers={"Prefer": "respond-async"})
    assert (later.status_code, later.json["code"]) == (413, "too_large")
    long = make(sync_seconds=0.5).test_client().post("/v1/detect?retention=none", data=clip)
    assert long.status_code == 413
    assert "0.5 s" in long.json["detail"]


def test_a_batch_answers_for_each_file(photo: bytes, clip: bytes, client: FlaskClient) -> None:
    files = [(io.BytesIO(photo), "a.jpg"), (io.BytesIO(b"text"), "b.jpg"), (io.BytesIO(clip), "c.mp4")]
    response = client.post("/v1/batch?frames=3", data={"file": files})
    assert response.status_code == 200
    first, second, third = response.json["results"]
    assert first["report"]["media"]["path"] == "a.jpg"
    assert (second["name"], second["problem"]["code"]) == ("b.jpg", "not_media")
    assert third["report"]["media"]["kind"] == "video"


def test_a_batch_has_an_end(make: Make, photo: bytes) -> None:
    two = make(max_batch=1).test_client()
    files = [(io.BytesIO(photo), "a.jpg"), (io.BytesIO(photo), "b.jpg")]
    assert two.post("/v1/batch", data={"file": files}).status_code == 413
    assert two.post("/v1/batch", data=photo).status_code == 415


def test_verdicts_and_stages_are_counted(photo: bytes, client: FlaskClient) -> None:
    report = json.loads(client.post("/v1/detect", data=photo).data)
    text = client.get("/metrics").text
    assert (
        f'catchlight_verdicts_total{{detector="mobilenet",kind="image",verdict="{report["verdict"]}"}}'
        in text
    )
    assert 'catchlight_stage_seconds_count{stage="network"}' in text
