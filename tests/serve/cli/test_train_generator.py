import pytest
from click.testing import CliRunner

from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.serve.cli.main import main

CONFIGS = WEIGHTS.parent / "configs"


def invoke(*words):
    return CliRunner().invoke(main, ["train-generator", "autoencoder", *map(str, words)])


def test_a_pair_needs_both_people(tmp_path):
    done = invoke(CONFIGS / "pair64.toml", "--out", tmp_path / "run", "--a", tmp_path)
    assert done.exit_code == 2
    assert "give both people, --a and --b" in done.output


@pytest.mark.parametrize("config", ["one_shot.toml", "encoder64.toml"])
def test_a_network_of_many_people_needs_a_store(config, tmp_path):
    done = invoke(CONFIGS / config, "--out", tmp_path / "run")
    assert done.exit_code == 2
    assert "give a store of faces, --faces" in done.output
    assert not (tmp_path / "run").exists()


def test_a_person_without_a_usable_face_is_named(tmp_path, astronaut):
    from PIL import Image

    for name, part in (("anna", astronaut[350:]), ("ben", astronaut)):
        (tmp_path / name).mkdir()
        Image.fromarray(part).save(tmp_path / name / "0.png")
    done = invoke(
        CONFIGS / "pair64.toml", "--out", tmp_path / "run", "--a", tmp_path / "anna", "--b", tmp_path / "ben"
    )
    assert done.exit_code == 1
    assert "shows no face that can be used" in done.output
