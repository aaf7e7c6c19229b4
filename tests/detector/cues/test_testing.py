"""The contract lets honest cues pass, and names the rule that a broken one breaks."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest

from catchlight.detector.cues.person import absent, found
from catchlight.detector.cues.testing import check_cue, sample_people
from catchlight.detector.errors import ContractError
from catchlight.detector.types import Cue

TICKS = itertools.count()


def meter(measure):
    return SimpleNamespace(unit="px", measure=measure)


def width(person):
    return found(float(person.landmarks[..., 0].std()) if len(person.times) else 0.0, "px", 1.0, "how wide")


def draws(person):
    if len(person.times):
        person.landmarks[0] = 0
    return absent("nothing")


def right_side(person):
    return found(float(person.landmarks[:, 33, 0].mean()) if len(person.times) else 0.0, "px", 1.0, "where")


BROKEN = {
    "a number": (lambda person: 3.0, "must measure a Cue"),
    "not finite": (lambda person: found(float("nan"), "px", 1.0, "wild"), "finite numbers"),
    "no reason": (lambda person: Cue("not_applicable"), "must say why"),
    "no note": (lambda person: Cue("ok", 1.0, "px", quality=1.0), "value, unit and note"),
    "quality": (lambda person: Cue("ok", 1.0, "px", quality=3.0, note="so"), "quality from 0 to 1"),
    "another unit": (lambda person: found(1.0, "cm", 1.0, "so"), "unit must be its meter's"),
    "raises": (lambda person: 1 / len(person.times) and absent("fine"), "must never raise"),
    "draws lots": (lambda person: found(float(next(TICKS)), "px", 1.0, "so"), "must give the same cue"),
    "draws on it": (draws, "must leave the person"),
    "one side": (right_side, "a mirrored person"),
}


def test_an_honest_cue_passes():
    check_cue(lambda: meter(width))
    check_cue(meter(lambda person: absent("never")))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_cue_is_told_its_rule(name):
    measure, rule = BROKEN[name]
    with pytest.raises(ContractError, match=rule):
        check_cue(meter(measure))


def test_what_cannot_measure_is_told():
    with pytest.raises(ContractError, match="must have a method measure"):
        check_cue(3)


def test_sample_people_have_names_and_differ():
    people = dict(sample_people())
    assert len(people) >= 18
    assert not len(people["nobody"].times)
    assert people["5 frames a second"].rate == pytest.approx(5.0)
