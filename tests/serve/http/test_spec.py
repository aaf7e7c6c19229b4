"""OpenAPI 3.1 as others read it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from catchlight.serve.http.spec import operations


@pytest.fixture
def spec(client: FlaskClient) -> dict[str, Any]:
    return client.get("/openapi.json").json


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if "$ref" in value else set()
        return own.union(*map(references, value.values()))
    return set().union(*map(references, value)) if isinstance(value, list) else set()


def test_it_is_3_1_and_names_every_route_of_the_api(spec: dict[str, Any], app: Flask) -> None:
    assert spec["openapi"] == "3.1.0"
    routes = {
        (method, rule.rule.replace("<path:", "{").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(("/v1", "/v2", "/metrics"))
    }
    assert {(method, path) for method, path, _ in operations(spec)} == routes


def test_references_lead_somewhere_and_schemas_are_sound(spec: dict[str, Any]) -> None:
    names = {reference.rpartition("/")[2] for reference in references(spec)}
    assert names <= set(spec["components"]["schemas"])
    for schema in spec["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_operation_tells_problems_security_and_an_unused_name(spec: dict[str, Any]) -> None:
    found = [operation for _, _, operation in operations(spec)]
    assert len({operation["operationId"] for operation in found}) == len(found)
    for operation in found:
        assert operation["summary"]
        assert operation["description"]
        assert "application/problem+json" in operation["responses"]["default"]["content"]
    closed = [
        path for _, path, operation in operations(spec) if {"key": []} not in operation.get("security", [])
    ]
    assert set(closed) == {"/v2/health/live", "/v2/health/ready"}


def test_a_real_report_fits_its_schema(spec: dict[str, Any], photo: bytes, client: FlaskClient) -> None:
    report = client.post("/v1/detect?heatmap=true", data=photo).json
    root = {"$ref": "#/components/schemas/Report", "components": spec["components"]}
    assert list(Draft202012Validator(root).iter_errors(report)) == []
    assert list(Draft202012Validator(root).iter_errors({**report, "verdict": "maybe"}))


def test_parameters_are_never_null(spec: dict[str, Any]) -> None:
    parameters = [p for _, _, operation in operations(spec) for p in operation["parameters"]]
    assert "null" not in str([p["schema"] for p in parameters])
    assert {p["name"] for p in parameters} >= {"detector", "sampling", "Idempotency-Key", "X-Request-Id"}
