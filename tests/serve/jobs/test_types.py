import pytest

from catchlight.serve.jobs.types import JobState


@pytest.mark.parametrize("state", JobState)
def test_only_what_waits_or_runs_is_not_final(state):
    assert state.final == (state.value not in ("queued", "running"))
