"""Names to factories: built-ins, installed plug-ins, package.module:factory, and what goes wrong."""

import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.detector.plugins import Plugins

PLUGINS = Plugins("gadget", "example.gadgets", {"half": "fractions:Fraction"})


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package on the path that declares a plug-in of the group."""
    (tmp_path / "gizmo.py").write_text("def make():\n    return 'gizmo'\n\nvalue = 3\n")
    info = tmp_path / "gizmo-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: gizmo\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[example.gadgets]\ngizmo = gizmo:make\nhalf = gizmo:make\n")
    monkeypatch.syspath_prepend(tmp_path)


def test_finds_a_built_in():
    assert PLUGINS.names() == ("half",)
    assert PLUGINS.factory("half")("1/2") * 2 == 1


@pytest.mark.usefixtures("installed")
def test_finds_an_installed_one_but_built_ins_win():
    assert PLUGINS.names() == ("gizmo", "half")
    assert PLUGINS.factory("gizmo")() == "gizmo"
    assert PLUGINS.factory("half")("1/2") * 2 == 1


@pytest.mark.usefixtures("installed")
def test_finds_a_module_and_factory():
    assert PLUGINS.factory("gizmo:make")() == "gizmo"


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="unknown gadget 'hlaf'; did you mean 'half'"):
        PLUGINS.factory("hlaf")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["absent:make", "gizmo:absent", ":make", "gizmo:"])
def test_what_cannot_be_loaded_says_why(name):
    with pytest.raises(ConfigError, match=r"can't be loaded as package\.module:factory"):
        PLUGINS.factory(name)


@pytest.mark.usefixtures("installed")
def test_what_cannot_be_called_is_refused():
    with pytest.raises(ConfigError, match="'value', which can't be called to make a gadget"):
        PLUGINS.factory("gizmo:value")
