"""Stretches end at cuts and gaps; rate and seconds count only what was watched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.cues.person import absent, found, too_sparse
from catchlight.detector.cues.testing import drawn_person


def test_stretches_end_at_cuts_and_gaps():
    person = drawn_person(seconds=4.0, rate=10.0)
    times = person.times + np.where(np.arange(40) >= 30, 5.0, 0.0)
    broken = replace(person, times=times, scenes=(np.arange(40) >= 10).astype(np.intp))
    assert [(part.start, part.stop) for part in broken.stretches()] == [(0, 10), (10, 30), (30, 40)]
    assert broken.seconds == pytest.approx(0.9 + 1.9 + 0.9)
    assert broken.rate == pytest.approx(10.0)


def test_too_sparse_tells_what_is_missing():
    assert too_sparse(drawn_person(seconds=4.0), 3.0) is None
    assert "8 s are needed" in too_sparse(drawn_person(seconds=4.0), 8.0)
    assert "5 samples a second" in too_sparse(drawn_person(seconds=4.0, rate=5.0), 1.0)
    assert "no movement" in too_sparse(replace(drawn_person(seconds=4.0), kind="image"), 1.0)


def test_cues_are_made_with_honest_numbers():
    cue = found(1 / 3, "x", 1.7, "a third", other=2 / 3)
    assert (cue.status, cue.value, cue.quality, cue.details) == ("ok", 0.333333, 1.0, {"other": 0.666667})
    assert absent("dark").reason == "dark"
