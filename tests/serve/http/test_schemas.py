"""What is answered is what the schema promises, member by member."""

from __future__ import annotations

from dataclasses import fields

from flask.testing import FlaskClient

from catchlight.detector.types import Report
from catchlight.serve.http.schemas import JobModel, ReportModel


def test_a_real_report_has_all_members_of_the_schema_and_no_other(photo: bytes, client: FlaskClient) -> None:
    body = client.post("/v1/detect", data=photo).json
    model = ReportModel.model_validate(body)
    assert model.model_dump(by_alias=True, exclude_unset=True) == body
    assert {field.name for field in fields(Report)} == set(body)


def test_a_real_job_has_all_members_of_the_schema_and_no_other(photo: bytes, client: FlaskClient) -> None:
    body = client.post("/v1/detect", data=photo, headers={"Prefer": "respond-async"}).json
    model = JobModel.model_validate(body)
    assert model.model_dump(by_alias=True, exclude_unset=True) == body
    client.delete(f"/v1/jobs/{body['id']}?forget=true")
