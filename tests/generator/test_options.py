"""Options: one of several names, or drawn."""

import numpy as np
import pytest

from catchlight.detector.errors import UnknownName
from catchlight.generator.options import Choice

PARTS = {"eyes": 0.2, "mouth": 0.8}


def test_a_name_is_kept_and_none_draws_by_weight():
    rng = np.random.default_rng(1)
    assert {Choice("part", "eyes", PARTS).draw(rng) for _ in range(9)} == {"eyes"}
    drawn = [Choice("part", None, PARTS).draw(rng, PARTS.values()) for _ in range(200)]
    assert 20 < drawn.count("eyes") < 65
    alike = [Choice("part", None, PARTS).draw(rng) for _ in range(200)]
    assert 70 < alike.count("eyes") < 130


def test_an_unknown_name_is_answered_with_the_valid_ones():
    with pytest.raises(UnknownName, match="unknown part 'nose'.*eyes, mouth"):
        Choice("part", "nose", PARTS)
