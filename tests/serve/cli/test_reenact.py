import json

import pytest
from click.testing import CliRunner
from PIL import Image

from catchlight.serve.cli.main import main


@pytest.fixture(scope="module")
def photograph(astronaut, tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "person.png"
    Image.fromarray(astronaut[:300, 80:380]).save(path)
    return path


def reenact(network, source, driving, out, *words):
    files = ("--network", network, "--source", source, "--driving", driving, "--out", out)
    return CliRunner().invoke(main, ["generate", "reenact", *map(str, (*files, *words))])


@pytest.mark.train
def test_a_clip_drives_a_photograph(untrained_motion, photograph, media_folder, tmp_path):
    driving, out = media_folder / "real" / "walk.mp4", tmp_path / "out.mp4"
    done = reenact(untrained_motion, photograph, driving, out, "--side", 64)
    assert done.exit_code == 0, done.output
    assert "8 frames; " in done.output
    assert json.loads((tmp_path / "out.json").read_text())["kind"] == "relative"
    assert {"out.mp4", "out.json", "manifest.csv"} <= {file.name for file in tmp_path.iterdir()}


@pytest.mark.train
def test_a_clip_without_a_person_is_an_error_of_one_line(
    untrained_motion, photograph, media_folder, tmp_path
):
    driving = media_folder / "real" / "empty.jpg"
    done = reenact(untrained_motion, photograph, driving, tmp_path / "out.png")
    assert done.exit_code == 1
    assert "empty.jpg shows no face" in done.output
    assert not list(tmp_path.iterdir())
