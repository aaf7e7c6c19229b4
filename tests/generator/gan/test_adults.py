from dataclasses import replace

import pytest

from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError
from catchlight.generator.gan.adults import adults, age_of


def aged(store, *names):
    """A copy of a store whose first pictures have names of another data set."""
    named = [
        replace(s, path=f"images/utkface/{n}", source="utkface")
        for n, s in zip(names, store.samples, strict=False)
    ]
    return replace(store, samples=(*named, *store.samples[len(names) :]))


def test_ages_are_read_from_names_that_tell_them():
    told = {
        "17_0_0_20170103200718.jpg": 17,
        "101_1_4_2017010320071.jpg": 101,
        "00017.jpg": None,
        "17_0.jpg": None,
    }
    assert {name: age_of(Sample(f"images/x/{name}", "real")) for name in told} == told


def test_minors_are_left_out_and_counted(drawn):
    store = aged(drawn, "17_0_0_20170103200718.jpg", "18_0_0_20170103200718.jpg", "4_1_1_20170103200718.jpg")
    part, ages = adults(store, ("utkface", "drawn"))
    assert (ages.told, ages.minors, ages.trusted) == (1, 2, len(store.samples) - 3)
    assert len(part.samples) == len(part.landmarks) == len(store.samples) - 2
    assert part.samples[0].path.endswith("18_0_0_20170103200718.jpg")
    assert part.landmarks[1] == pytest.approx(store.landmarks[3])


def test_collections_must_be_named_and_hold_somebody(drawn):
    with pytest.raises(DataError, match="adults only: name the collections"):
        adults(drawn, ())
    with pytest.raises(
        DataError, match="no real face of an adult of lfw; its collections of real faces: drawn"
    ):
        adults(drawn, ("lfw",))


def test_fakes_never_come_in(drawn):
    fakes = replace(drawn, samples=tuple(replace(s, label="fake") for s in drawn.samples))
    with pytest.raises(DataError, match="collections of real faces: none"):
        adults(fakes, ("drawn",))
