"""The rate of forging is a number of blends a second."""

import pytest

from catchlight.detector.errors import ConfigError
from catchlight.generator.bench import self_blend_rate


def test_a_rate_is_measured():
    assert self_blend_rate(seconds=0.2, workers=2) > 1


@pytest.mark.parametrize(("seconds", "workers"), [(0, 1), (-1, 1), (1, 0)])
def test_nothing_can_be_measured_in_no_time_or_by_nobody(seconds, workers):
    with pytest.raises(ConfigError, match="above zero"):
        self_blend_rate(seconds, workers)
