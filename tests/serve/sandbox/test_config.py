from pathlib import Path

import pytest

from catchlight.detector.errors import ConfigError
from catchlight.serve.sandbox.config import SandboxConfig, from_json


def test_goes_to_the_child_and_comes_back(tmp_path):
    config = SandboxConfig(folders=(tmp_path,), detectors=("meso", "mobilenet"), memory=1 << 30)
    assert from_json(config.to_json()) == config


def test_folders_are_absolute_since_the_child_may_stand_elsewhere():
    assert from_json(SandboxConfig(folders=(Path("media"),)).to_json()).folders == (Path.cwd() / "media",)


@pytest.mark.parametrize("name", ["memory", "cpu_seconds", "wall_seconds", "max_files"])
def test_limits_are_positive(name):
    with pytest.raises(ConfigError, match=name):
        SandboxConfig(**{name: 0})
