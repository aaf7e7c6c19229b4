import pytest

from catchlight.serve.jobs.records import Record
from catchlight.serve.jobs.table import sweep_at
from catchlight.serve.jobs.types import JobState


@pytest.mark.parametrize(
    ("state", "due", "media_until", "moment"),
    [
        (JobState.queued, 500.0, None, 100.0),
        (JobState.running, 50.0, None, 100.0),
        (JobState.running, 130.0, None, 130.0),  # not while a worker is at it
        (JobState.done, None, 60.0, 60.0),
        (JobState.done, None, 160.0, 100.0),
    ],
)
def test_next_moment(state, due, media_until, moment):
    record = Record(
        "0f", "ann", state, 0.0, 0.0, 100.0, {}, "a.jpg", "1e", "2d", due=due, media_until=media_until
    )
    assert sweep_at(record) == moment
