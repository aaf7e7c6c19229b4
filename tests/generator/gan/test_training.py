from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator.bench import drawn_store
from catchlight.generator.gan import training
from catchlight.generator.gan.maker import FaceMaker
from catchlight.generator.gan.training import read_plan, train_gan

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]
TINY = """
[network]
side = 32
latent = 8
generator = 8
discriminator = 4

[training]
steps = 2
batch = 4
every = 1

[data]
sources = ["drawn"]
min_width = 0
made = 8
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "tiny.toml"
    path.write_text(TINY)
    return read_plan(path)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """32 drawn people in 96 pictures."""
    return drawn_store(tmp_path_factory.mktemp("many"), people=32, frames=3, side=64)


def test_untrained_it_goes_the_whole_way_and_says_that_no_face_is_found(plan, many, tmp_path):
    """All that a run leaves is there, when the last step finds that two steps make no faces."""
    with pytest.raises(DataError, match="a face is found, expected 30% at least; train it for longer"):
        train_gan(plan, many, tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert {"generator.npz", "gan.tflite", "samples.npz", "sheet.png", "log.jsonl", "neighbours.png"} <= left
    assert FaceMaker(tmp_path / "gan.tflite").faces(1).shape == (1, 32, 32, 3)


def test_too_few_faces_and_too_few_people_are_refused(plan, many, drawn, tmp_path):
    with pytest.raises(
        DataError, match="12 faces of 6 people are too few: a generator would learn them by heart"
    ):
        train_gan(plan, drawn, tmp_path)
    one = replace(many, samples=tuple(replace(s, identity="one") for s in many.samples))
    with pytest.raises(DataError, match="faces of 1 people are too few"):
        train_gan(plan, one, tmp_path)


def test_without_held_out_people_nothing_can_be_measured(plan, many, tmp_path):
    rows = tuple(s for s in many.samples if s.split == "train")
    kept = np.array([s.split == "train" for s in many.samples])
    with pytest.raises(DataError, match="no real face of split 'val'"):
        train_gan(plan, replace(many, samples=rows, landmarks=many.landmarks[kept]), tmp_path)


def test_collections_of_adults_must_be_named(plan, many, tmp_path):
    with pytest.raises(DataError, match="adults only"):
        train_gan(replace(plan, data=replace(plan.data, sources=())), many, tmp_path)


@pytest.mark.parametrize(("name", "side"), [("gan64", 64), ("gan128", 128)])
def test_the_configurations_that_come_with_it_can_be_read(name, side):
    plan = read_plan(Path(training.__file__).parent.parent / f"configs/{name}.toml")
    assert plan.network.side == side
    assert plan.data.sources == ("celeba-wild", "lfw", "us-public-domain", "utkface")


def test_an_unknown_table_is_named(tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text("[net]\n")
    with pytest.raises(
        ConfigError, match=r"unknown table \[net\]; valid tables: network, rules, training, data"
    ):
        read_plan(path)
