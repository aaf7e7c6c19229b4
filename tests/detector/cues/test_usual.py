import pytest

from catchlight.detector.cues import usual
from catchlight.detector.cues.person import absent
from catchlight.detector.types import Cue


@pytest.mark.parametrize(
    ("cue", "side"),
    [
        (Cue("ok", 5.0, "px", (1.0, 9.0), 1.0), ""),
        (Cue("ok", 0.0, "px", (1.0, 9.0), 1.0), "low"),
        (Cue("ok", 12.0, "px", (1.0, 9.0), 1.0), "high"),
        (Cue("ok", 12.0, "px", (1.0, 9.0), 1.0, interval=(8.0, 16.0)), ""),
        (Cue("ok", 12.0, "px", None, 1.0), ""),
        (absent("no"), ""),
    ],
)
def test_outside_counts_the_whole_interval(cue, side):
    assert usual.outside(cue) == side
