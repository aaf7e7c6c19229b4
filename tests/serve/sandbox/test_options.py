import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.detector.media import Limits, Sampling
from catchlight.serve.sandbox import options


def test_become_the_configuration_that_they_describe():
    config = options.config(
        {
            "detector": "meso",
            "sampling": {"policy": "even", "count": 4},
            "limits": {"max_pixels": 10},
            "page": True,
        }
    )
    assert (config.detector, config.thumbnails) == ("meso", True)
    assert config.sampling == Sampling("even", count=4)
    assert config.limits == Limits(max_pixels=10)


@pytest.mark.parametrize(
    ("wishes", "match"),
    [
        ({"detector": 3}, "detector"),
        ({"detector": ""}, "detector"),
        ({"sampling": "even"}, "sampling"),
        ({"sampling": {"count": 0}}, "count"),
        ({"sampling": {"count": "9"}}, "whole number"),
        ({"limits": {"max_pixels": -1}}, "max_pixels"),
        ({"page": 1}, "page"),
    ],
)
def test_wrong_values_are_named(wishes, match):
    with pytest.raises(ConfigError, match=match):
        options.check(wishes)


@pytest.mark.parametrize("wishes", [{"detectors": "meso"}, {"sampling": {"policy": "evenly"}}])
def test_unknown_names_come_with_the_valid_ones(wishes):
    with pytest.raises(UnknownName, match="did you mean"):
        options.check(wishes)
