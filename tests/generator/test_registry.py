"""Methods by name, and the contract for each of them."""

import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator import registry
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.testing import check_method

NEEDS_KERAS = {"reconstruct": [pytest.mark.train, pytest.mark.slow]}


@pytest.mark.parametrize("name", [pytest.param(n, marks=NEEDS_KERAS.get(n, ())) for n in registry.BUILT_IN])
def test_every_built_in_keeps_the_contract(name):
    check_method(name)


def test_names_hold_the_built_ins():
    assert set(registry.BUILT_IN) <= set(registry.names())
    assert list(registry.names()) == sorted(registry.names())


def test_options_reach_the_factory():
    made = registry.create("self_blend", kind="eyes")
    assert isinstance(made, SelfBlend)
    assert made.kind == "eyes"


def test_unknown_option_is_an_error_of_ours():
    with pytest.raises(ConfigError, match="can't be made with the options .*colour"):
        registry.create("self_blend", colour="red")


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(
        UnknownName, match=r"unknown method 'selfblend'; did you mean 'self_blend'\?.*reconstruct"
    ):
        registry.create("selfblend")


def test_a_module_and_factory_serve_as_a_name():
    assert isinstance(registry.create("catchlight.generator.methods.self_blend:SelfBlend"), SelfBlend)


def test_what_makes_no_method_is_refused():
    with pytest.raises(ConfigError, match="makes a date, which can't be called"):
        registry.create("datetime:date", year=2000, month=1, day=1)
