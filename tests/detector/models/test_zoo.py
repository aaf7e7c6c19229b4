"""Networks by name."""

import pytest

from catchlight.detector.errors import UnknownName
from catchlight.detector.models import meso, mobilenet, zoo


def test_names_lead_to_their_builders():
    assert zoo.builder("meso") is meso.build
    assert zoo.builder("mobilenet") is mobilenet.build
    assert all(callable(zoo.builder(name)) for name in zoo.NETWORKS)


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="unknown network 'mobilnet'; did you mean 'mobilenet'"):
        zoo.builder("mobilnet")
