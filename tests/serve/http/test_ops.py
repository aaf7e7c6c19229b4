"""Health, readiness, detectors."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from catchlight.detector import bundle
from catchlight.serve.http.app import create_app
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.service import NAME


def test_a_warm_service_is_ready(client: FlaskClient) -> None:
    response = client.get("/v2/health/ready")
    assert response.status_code == 200
    assert response.json == {"ready": True, "engine": "warm", "jobs": "ok"}


def test_a_cold_service_lives_and_is_not_ready(tmp_path: Path) -> None:
    app = create_app(ServerConfig(state=str(tmp_path)))
    client = app.test_client()
    assert client.get("/v2/health/live").json == {"live": True}
    response = client.get("/v2/health/ready")
    assert (response.status_code, response.json["ready"], response.json["engine"]) == (503, False, "cold")
    app.extensions[NAME].spool.close()


def test_an_engine_that_can_not_start_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "bundle").mkdir()
    app = create_app(ServerConfig(state=str(tmp_path), detector=str(tmp_path / "bundle")))
    app.extensions[NAME].engine.start_in_background().join(60)
    assert app.test_client().get("/v2/health/ready").json["engine"] == "failed"
    assert "bundle.json" in caplog.text
    app.extensions[NAME].spool.close()


def test_detectors_come_with_card_version_and_hash(client: FlaskClient) -> None:
    (listed,) = client.get("/v1/detectors").json["detectors"]
    found = bundle.load("mobilenet")
    assert (listed["name"], listed["version"], listed["sha256"]) == ("mobilenet", found.version, found.sha256)
    assert listed["default"] is True
    assert listed["card"] == found.card
    assert listed["calibration"]["id"] == found.calibration.id
    assert client.get("/v1/detectors/mobilenet").json == listed


def test_an_unknown_detector_is_told_with_those_there_are(client: FlaskClient) -> None:
    response = client.get("/v1/detectors/mobilnet")
    assert response.status_code == 404
    assert "mobilenet" in response.json["detail"]
