"""The application as a whole: put together without loading what computes, safe headers on whatever it says."""

from __future__ import annotations

import hashlib
import io
import random
import subprocess
import sys
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from catchlight.detector.errors import UnknownName
from catchlight.serve.http.app import create_app
from catchlight.serve.http.config import ServerConfig


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/v2/health/live", "/nothing", "/v1/detect", "/static/catchlight.js"]
)
def test_every_answer_has_an_id_and_the_security_headers(path: str, client: FlaskClient) -> None:
    response = client.get(path, buffered=True)
    assert len(response.headers["X-Request-Id"]) == 32
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_form_takes_files_of_any_content(client: FlaskClient) -> None:
    content = random.Random(1).randbytes(300_000)
    parts = {"file": (io.BytesIO(content), "holiday.jpg")}
    response = client.post("/v1/detect", data=parts, headers={"Prefer": "respond-async"})
    assert response.status_code == 202, response.json
    assert response.json["media"]["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_web_process_loads_nothing_that_computes(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from catchlight.serve.http.app import create_app\n"
        "from catchlight.serve.http.config import ServerConfig\n"
        f"app = create_app(ServerConfig(state={str(tmp_path)!r}))\n"
        "assert app.test_client().get('/openapi.json').status_code == 200\n"
        "assert app.test_client().get('/v1/detectors').status_code == 200\n"
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"tensorflow", "keras", "mediapipe", "cv2", "sklearn", "scipy", "ai_edge_litert"}
    assert heavy.isdisjoint(done.stdout.split())


def test_a_store_that_can_not_be_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="sqlite"):
        create_app(ServerConfig(state=str(tmp_path), jobs="mysql://host/0"))
