"""Records as lines of JSON."""

from __future__ import annotations

import json
import logging

from catchlight.serve.http.lines import REQUEST_ID, Lines


def test_a_traceback_is_part_of_its_line() -> None:
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        record = logging.LogRecord(
            "catchlight", logging.ERROR, "", 1, "fault", None, (type(error), error, None)
        )
    text = Lines().format(record)
    assert "\n" not in text
    assert "ZeroDivisionError" in json.loads(text)["trace"]


def test_a_line_names_the_request_that_is_answered() -> None:
    record = logging.LogRecord("catchlight", logging.INFO, "", 1, "slow", None, None)
    before = REQUEST_ID.set("trace-9")
    try:
        assert json.loads(Lines().format(record))["request_id"] == "trace-9"
    finally:
        REQUEST_ID.reset(before)
