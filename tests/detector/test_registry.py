"""Detectors are found by name, by reference and by folder; a wrong name lists the right ones."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector import registry
from catchlight.detector.errors import BundleError, ConfigError, UnknownName
from catchlight.detector.testing import check_detector, sample_crops

PLUGIN = """
import numpy as np

class Mean:
    def score(self, crops):
        return np.array([crop.image.mean() / 255 for crop in crops])

create = Mean
odd = object
number = 3
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    (tmp_path / "plugin_of_a_stranger.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    return "plugin_of_a_stranger"


def test_names_hold_the_built_in_ones():
    assert set(registry.BUILT_IN) <= set(registry.names())


def test_a_reference_makes_the_detector(plugin):
    detector = registry.create(f"{plugin}:create")
    assert detector.score(sample_crops()[2:5]).tolist() == [0.0, 128 / 255, 1.0]


def test_a_wrong_name_lists_the_valid_ones():
    with pytest.raises(UnknownName, match=r"did you mean 'mobilenet'\? Valid names: .*meso.*mobilenet"):
        registry.create("mobilnet")


@pytest.mark.parametrize(
    "name", ["no.such.module:create", "{plugin}:nothing", "{plugin}:number", "{plugin}:"]
)
def test_a_reference_that_leads_nowhere_is_told(plugin, name):
    with pytest.raises(ConfigError, match="detector"):
        registry.create(name.format(plugin=plugin))


def test_what_cannot_score_is_refused(plugin):
    with pytest.raises(ConfigError, match=r"has no method score\(crops\)"):
        registry.create(f"{plugin}:odd")


def test_a_folder_that_is_no_bundle_is_told(tmp_path):
    with pytest.raises(BundleError, match="is no bundle"):
        registry.create(str(tmp_path))


@pytest.mark.train
def test_a_folder_of_a_bundle_makes_its_detector(trained):
    detector = registry.create(str(trained.folder))
    assert isinstance(detector, registry.Calibrated)
    assert isinstance(detector, registry.Explains)
    assert np.all(np.isfinite(detector.score(sample_crops())))


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_built_in_detector_keeps_the_contract(name):
    from catchlight.detector.bundle import HOME, MANIFEST

    if not (HOME / name / MANIFEST).is_file():
        pytest.skip(f"no trained bundle {name!r} in this checkout")
    check_detector(name)
