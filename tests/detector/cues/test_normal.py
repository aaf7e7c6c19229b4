"""Ranges of real people are fitted, written with their hash, and read back; a file changed by hand is refused."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.cues import normal, registry
from catchlight.detector.errors import DataError


def test_a_range_holds_its_share_and_few_people_have_none():
    values = np.random.default_rng(0).normal(0, 1, 5000)
    fitted = normal.fit(values, "numbers")
    inside = np.mean((values >= fitted.low) & (values <= fitted.high))
    assert inside == pytest.approx(normal.SHARE, abs=0.005)
    assert normal.fit(values, "numbers", low=False).low == pytest.approx(values.min(), rel=1e-3)
    assert normal.fit(np.abs(values), "numbers", low=False).low == 0
    assert normal.fit(values[: normal.LEAST - 1], "numbers") is None


def test_what_was_written_is_read_back_and_guarded(tmp_path):
    found = {"blink": normal.Range(3.0, 45.0, 0, "literature")}
    normal.write(found, tmp_path / "a.json")
    assert normal.ranges(tmp_path / "a.json") == found
    (tmp_path / "b.json").write_text((tmp_path / "a.json").read_text().replace("45.0", "450.0"))
    with pytest.raises(DataError, match="damaged"):
        normal.ranges(tmp_path / "b.json")
    assert normal.ranges(tmp_path / "absent.json") == {}


def test_shipped_ranges_are_of_cues_that_exist():
    shipped = normal.ranges()
    assert set(shipped) <= set(registry.BUILT_IN)
    assert all(one.low < one.high for one in shipped.values())
