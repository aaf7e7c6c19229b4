from click.testing import CliRunner

from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.serve.cli.main import main

CONFIG = WEIGHTS.parent / "configs" / "gan64.toml"


def invoke(*words):
    return CliRunner().invoke(main, ["train-generator", "gan", *map(str, words)])


def test_a_store_without_adults_collections_is_refused(face_store, tmp_path):
    done = invoke(CONFIG, "--faces", face_store.folder, "--out", tmp_path / "run")
    assert done.exit_code == 1
    assert "holds no real face of an adult of celeba-wild, lfw, us-public-domain, utkface" in done.output
    assert not (tmp_path / "run").exists()


def test_a_wrong_setting_is_named_with_the_valid_ones(face_store, tmp_path):
    config = tmp_path / "wrong.toml"
    config.write_text("[rules]\npenaltys = 1\n")
    done = invoke(config, "--faces", face_store.folder, "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert "did you mean 'penalty'" in done.output
