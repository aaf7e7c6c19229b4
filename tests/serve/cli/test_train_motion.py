from click.testing import CliRunner

from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.serve.cli.main import main

CONFIG = WEIGHTS.parent / "configs" / "motion64.toml"


def invoke(*words):
    return CliRunner().invoke(main, ["train-generator", "motion", *map(str, words)])


def test_a_folder_without_clips_is_named(tmp_path):
    done = invoke(CONFIG, "--clips", tmp_path, "--out", tmp_path / "run")
    assert done.exit_code == 1
    assert "no usable clip: 0 clips" in done.output


def test_clips_must_be_given(tmp_path):
    done = invoke(CONFIG, "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert "--clips" in done.output
