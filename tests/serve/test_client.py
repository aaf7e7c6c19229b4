"""The client against a real server: reports equal the pipeline's, problems are our own errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from catchlight.detector import errors
from catchlight.detector.media import Sampling
from catchlight.detector.pipeline import DetectConfig, detect
from catchlight.serve.client import Client


@pytest.fixture
def client(server: str) -> Iterator[Client]:
    with Client(server) as made:
        yield made


def test_a_report_is_the_same_from_afar(client: Client, media_folder: Path) -> None:
    path = media_folder / "real" / "walk.mp4"
    here = detect(path, DetectConfig(sampling=Sampling("even", 3)))
    there = client.detect(path, sampling="even", frames=3)
    assert replace(there, media=here.media, timings_ms={}) == replace(here, timings_ms={})
    assert there.media.path == "walk.mp4"


def test_jobs_are_submitted_watched_and_forgotten(client: Client, media_folder: Path) -> None:
    job = client.submit(media_folder / "real" / "plain.jpg", idempotency_key="once", cues=False)
    assert client.submit(media_folder / "real" / "plain.jpg", idempotency_key="once", cues=False).id == job.id
    report = client.wait(job.id, 90)
    done = client.job(job.id)
    assert (done.state, done.result, done.final) == ("done", report, True)
    assert "plain.jpg" in client.page(job.id)
    assert job.id in [each.id for each in client.jobs()]
    assert client.cancel(job.id).state == "done"
    client.forget(job.id)
    with pytest.raises(errors.JobNotFound):
        client.job(job.id)


def test_what_goes_wrong_is_an_error_of_ours(client: Client, tmp_path: Path) -> None:
    text = tmp_path / "a.jpg"
    text.write_text("a shopping list")
    with pytest.raises(errors.NotMedia, match=r"a\.jpg"):
        client.detect(text)
    job = client.submit(text)
    with pytest.raises(errors.NotMedia):
        client.wait(job.id, 90)
    with pytest.raises(errors.ConfigError, match="mobilenet"):
        client.detect(text, detector="mobilnet")
    with pytest.raises(errors.MediaNotFound):
        client.detect(tmp_path / "missing.jpg")
    with pytest.raises(errors.ServiceError, match="running"):
        Client("http://127.0.0.1:1").detectors()


def test_detectors_and_readiness_are_told(client: Client) -> None:
    assert client.detectors()[0]["name"] == "mobilenet"
    assert client.ready()
    assert not Client("http://127.0.0.1:1").ready()


def test_a_refusal_for_lack_of_room_is_waited_out_and_the_file_sent_whole(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"x" * 100_000)
    lengths: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        lengths.append(len(request.read()))
        if len(lengths) < 3:
            return httpx.Response(
                503, headers={"Retry-After": "0"}, json={"code": "overloaded", "detail": "full"}
            )
        return httpx.Response(415, json={"code": "not_media", "detail": "a.jpg is neither"})

    with (
        Client("http://service", transport=httpx.MockTransport(answer)) as client,
        pytest.raises(errors.NotMedia),
    ):
        client.detect(tmp_path / "a.jpg")
    assert len(lengths) == 3
    assert len(set(lengths)) == 1
    with (
        Client(
            "http://service", patience=0, transport=httpx.MockTransport(lambda _: httpx.Response(429))
        ) as client,
        pytest.raises(errors.CatchlightError),
    ):
        client.detectors()
