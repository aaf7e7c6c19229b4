"""Whatever goes wrong is a problem of RFC 9457."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from catchlight.detector import errors
from catchlight.detector.errors import CatchlightError, Overloaded, StoreError
from catchlight.serve.http.problems import PROBLEMS, of_error


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/v1/detect", 405, "method_not_allowed"),
        ("PUT", "/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/v1/jobs/short", 422, "invalid_request"),
        ("GET", "/v1/jobs/" + "0" * 32, 404, "job_not_found"),
        ("GET", "/v1/jobs?limit=0", 422, "invalid_request"),
        ("GET", "/static/../app.py", 404, "not_found"),
    ],
)
def test_refusals_have_one_shape(method: str, path: str, status: int, code: str, client: FlaskClient) -> None:
    response = client.open(path, method=method)
    assert response.content_type == "application/problem+json"
    assert response.status_code == response.json["status"] == status
    assert response.json["code"] == code
    assert response.json["type"] == f"/docs#{code}"
    assert response.json["request_id"] == response.headers["X-Request-Id"]
    if status == 405:
        assert response.headers["Allow"]


@pytest.fixture
def faulty(make: Callable[..., Flask]) -> Any:
    """Answers each path of its own with the error of that name."""
    app = make()

    def view(name: str) -> str:
        if name.isdecimal():
            abort(int(name))
        raise {
            "over": Overloaded("full", 2.6),
            "store": StoreError("away"),
            "bug": RuntimeError("password tulip"),
        }[name]

    app.add_url_rule("/raise/<name>", view_func=view)
    return app.test_client()


def test_a_full_service_says_when_to_come_again(faulty: FlaskClient) -> None:
    response = faulty.get("/raise/over")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")


def test_a_fault_of_ours_is_500_and_tells_nothing_of_the_inside(
    faulty: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = faulty.get("/raise/bug")
    assert (response.status_code, response.json["code"]) == (500, "internal_error")
    assert "tulip" not in response.text
    assert "password tulip" in caplog.text
    assert faulty.get("/raise/store").status_code == 503


@pytest.mark.parametrize("status", [400, 406, 410, 418, 431])
def test_statuses_of_the_framework_become_problems(status: int, faulty: FlaskClient) -> None:
    response = faulty.get(f"/raise/{status}")
    assert response.content_type == "application/problem+json"
    assert response.status_code == response.json["status"] == status


def test_every_error_about_media_has_a_problem_of_its_own() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, CatchlightError)
    ]
    media = [kind for kind in kinds if issubclass(kind, errors.MediaError)]
    assert [kind.code for kind in media if PROBLEMS.get(kind.code, (500, ""))[0] >= 500] == []
    for kind in media:
        assert of_error(kind("a.jpg is odd"))[0]["detail"] == "a.jpg is odd"
