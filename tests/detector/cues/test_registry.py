"""Cues are found by name, from an installed package as well; every built-in one keeps the contract."""

from __future__ import annotations

import pytest

from catchlight.detector.cues import registry
from catchlight.detector.cues.testing import check_cue
from catchlight.detector.errors import ConfigError, UnknownName

PLUGIN = """
from catchlight.detector.cues.person import absent, found


class Blush:
    unit = "levels"

    def measure(self, person):
        if not len(person.skin):
            return absent("no skin was seen")
        red = float((person.skin[:, 0] - person.skin[:, 1]).mean())
        return found(red, self.unit, 0.5, f"the skin is {red:.0f} levels redder than green")


odd = object
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A second distribution on the path that adds a cue."""
    (tmp_path / "blush.py").write_text(PLUGIN)
    info = tmp_path / "blush-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: blush\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[catchlight.cues]\nblush = blush:Blush\n")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_built_in_cue_keeps_the_contract(name):
    check_cue(name)


@pytest.mark.usefixtures("installed")
def test_a_cue_of_another_package_is_found_and_keeps_the_contract():
    assert registry.names() == (*registry.BUILT_IN, "blush")
    check_cue("blush")
    assert list(registry.meters(None))[-1] == "blush"


@pytest.mark.usefixtures("installed")
def test_what_cannot_measure_is_refused():
    with pytest.raises(ConfigError, match="lacks measure"):
        registry.create("blush:odd")


def test_a_wrong_name_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="did you mean 'blink'"):
        registry.create("blimk")


def test_meters_are_those_named_in_their_order():
    assert list(registry.meters(("seam", "blink"))) == ["seam", "blink"]
    assert registry.meters(()) == {}
