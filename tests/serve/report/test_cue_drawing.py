"""Every measured cue has a picture that shows something, and a caption; what was not measured has none."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.cues import registry
from catchlight.detector.cues.measure import of_person
from catchlight.detector.cues.person import absent
from catchlight.detector.cues.testing import drawn_person
from catchlight.serve.report.cue_drawing import CAPTIONS, DRAWN, draw


@pytest.fixture(scope="module")
def person():
    return drawn_person(seconds=9.0, width=240.0)


def test_every_picture_has_a_caption_and_belongs_to_a_cue():
    assert set(DRAWN) == set(CAPTIONS)
    assert set(DRAWN) <= set(registry.BUILT_IN)


@pytest.mark.parametrize("name", DRAWN)
def test_a_measured_cue_is_drawn(name, person):
    cue = of_person(name, registry.create(name), person)
    assert cue.status == "ok", cue.reason
    picture = draw(name, cue, person)
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.std() > 5


@pytest.mark.parametrize("name", [*DRAWN, "speech", "of a stranger"])
def test_what_was_not_measured_has_no_picture(name, person):
    assert draw(name, absent("too dark"), person) is None
