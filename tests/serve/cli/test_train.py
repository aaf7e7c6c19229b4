"""`catchlight train`: what is wrong with configuration, store or weights is said before anything is trained."""

import pytest
from click.testing import CliRunner

from catchlight.serve.cli.main import main


def run(*args):
    return CliRunner().invoke(main, ["train", *map(str, args)], prog_name="catchlight")


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "run.toml"
    file.write_text('[network]\nnetwork = "mobilenet"\nside = 64\n', encoding="utf-8")
    return file


def test_help_names_configuration_and_options():
    shown = run("--help")
    assert shown.exit_code == 0
    assert all(word in shown.output for word in ("CONFIG", "--faces", "--out", "--backbone"))


def test_a_random_start_warns_and_an_absent_store_is_an_error(config, tmp_path):
    done = run(config, "--faces", tmp_path / "absent", "--out", tmp_path / "run")
    assert done.exit_code == 1
    assert "starts at random" in done.output
    assert "no manifest at" in done.output
    assert not (tmp_path / "run").exists()


def test_a_wrong_setting_is_a_wrong_argument(config, tmp_path):
    config.write_text("[network]\nsides = 64\n", encoding="utf-8")
    done = run(config, "--faces", tmp_path, "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert "did you mean 'side'?" in done.output


def test_an_absent_configuration_is_a_wrong_argument(tmp_path):
    assert run(tmp_path / "absent.toml", "--faces", tmp_path, "--out", tmp_path).exit_code == 2


@pytest.mark.train
def test_absent_weights_are_named(config, face_store, tmp_path):
    weights = tmp_path / "absent.h5"
    done = run(config, "--faces", face_store.folder, "--out", tmp_path / "run", "--backbone", weights)
    assert done.exit_code == 2
    assert "absent.h5 do not exist" in done.output
