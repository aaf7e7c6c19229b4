import hashlib

import pytest
from click.testing import CliRunner

from catchlight.datasets import manifest
from catchlight.serve.cli.main import main


def invoke(*words):
    return CliRunner().invoke(main, ["generate", "faces", *map(str, words)])


@pytest.mark.train
def test_faces_are_written_with_their_rows_and_are_the_same_again(untrained_gan, tmp_path):
    hashes = []
    for name in ("one", "two"):
        done = invoke("--network", untrained_gan, "--count", 2, "--seed", 3, "--out", tmp_path / name)
        assert done.exit_code == 0, done.output
        assert "2 faces of nobody" in done.output
        files = sorted((tmp_path / name).glob("*.png"))
        hashes.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert len(hashes[0]) == 2
    assert hashes[0] == hashes[1] == [row.sha256 for row in manifest.read(tmp_path / "one")]


@pytest.mark.parametrize("words", [("--truncation", 0), ("--count", 0), ("--side", 4)])
def test_numbers_out_of_range_are_named(words, tmp_path):
    done = invoke(*words, "--network", __file__, "--out", tmp_path / "faces")
    assert done.exit_code == 2
    assert words[0] in done.output
    assert not (tmp_path / "faces").exists()


def test_another_file_is_no_generator(tmp_path):
    done = invoke("--network", __file__, "--out", tmp_path / "faces")
    assert done.exit_code == 1
    assert "no compiled generator" in done.output
    assert not (tmp_path / "faces").exists()
