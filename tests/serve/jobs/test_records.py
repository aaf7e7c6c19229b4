"""The rules of a job's life by themselves; with a database behind them they are in test_store.py."""

from dataclasses import replace

import pytest

from catchlight.detector.errors import DataError
from catchlight.serve.jobs import records
from catchlight.serve.jobs.records import Record, Rules
from catchlight.serve.jobs.types import JobState

NEW = Record(
    id="0f", owner="ann", state=JobState.queued, created=0.0, updated=0.0, expires=100.0, options={"page": True},
    media_name="a.jpg", media_sha256="1e", request="2d", due=0.0, webhook="https://example.org",
)  # fmt: skip
RULES = Rules(attempts=2, patience=100, keep=50, deliveries=3)


def test_goes_to_json_and_back():
    assert records.from_json(NEW.to_json()) == NEW


@pytest.mark.parametrize("text", ["", "[]", '{"id": "0f"}', NEW.to_json().replace("queued", "lost")])
def test_what_is_no_record_is_refused(text):
    with pytest.raises(DataError, match="another version"):
        records.from_json(text)


def test_every_claim_and_every_end_raises_the_fence():
    held = records.claimed(NEW, "w", 10, now=1, rules=RULES)
    again = records.claimed(held, "w", 10, now=12, rules=RULES)
    over = records.claimed(again, "w", 10, now=23, rules=RULES)
    assert [r.fence for r in (NEW, held, again, over)] == [0, 1, 2, 3]
    assert over.state is JobState.failed


def test_nothing_is_claimed_before_it_is_due_or_after_its_end():
    held = records.claimed(NEW, "w", 10, now=1, rules=RULES)
    ended = records.cancelled(held, now=2, rules=RULES)
    assert records.claimed(held, "w", 10, now=10.9, rules=RULES) is None
    assert records.claimed(ended, "w", 10, now=1e9, rules=RULES) is None


def test_time_changes_nothing_early_and_leaves_a_running_job_alone():
    held = records.claimed(NEW, "w", 10, now=95, rules=RULES)
    assert records.swept(NEW, now=99, rules=RULES) == NEW
    assert records.swept(held, now=104, rules=RULES) == held
    assert records.swept(held, now=106, rules=RULES).state is JobState.expired


def test_webhooks_come_at_growing_distances_and_an_end():
    record, moments = replace(NEW, notify=0.0), []
    while record.notify is not None:
        moments.append(record.notify)
        record = records.told(record, False, now=record.notify, rules=RULES)
    assert moments == [0, 30, 90]
