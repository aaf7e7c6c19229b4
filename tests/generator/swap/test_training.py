from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import ConfigError, DataError, UnknownName
from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.networks.train_swap import TrainConfig
from catchlight.generator.swap.drawer import Drawer
from catchlight.generator.swap.training import (
    DataConfig,
    Plan,
    faces_of,
    read_plan,
    train_encoder,
    train_one_shot,
    train_pair,
)

QUICK = TrainConfig(steps=2, batch=2, every=1)
ONE = Plan(SwapConfig("one_shot", 32, 4, 8, 8), QUICK, DataConfig(sources=("camera",), min_width=0, swaps=2))
MANY = Plan(SwapConfig("encoder", 32, 4, 8, 8), QUICK, DataConfig(min_width=0))
PAIR = Plan(SwapConfig("pair", 32, 4, 8, 8), QUICK, DataConfig(swaps=2))


def test_shipped_configurations_can_be_read():
    from catchlight.generator.networks.kinds import WEIGHTS

    kinds = {
        "encoder64": "encoder",
        "one_shot": "one_shot",
        "one_shot128": "one_shot",
        "pair64": "pair",
        "pair128": "pair",
    }
    plans = {name: read_plan(WEIGHTS.parent / "configs" / f"{name}.toml") for name in kinds}
    assert {name: plan.network.kind for name, plan in plans.items()} == kinds
    assert plans["pair64"].training.start == "encoder64"


def test_wrong_settings_are_named(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text("[network]\nkind = 'pair'\nwidth = 3\n")
    with pytest.raises(UnknownName, match="width"):
        read_plan(path)
    path.write_text("[nets]\n")
    with pytest.raises(ConfigError, match=r"unknown table \[nets\]"):
        read_plan(path)


def test_plan_and_people_must_fit(drawn, tmp_path):
    with pytest.raises(ConfigError, match="kind 'pair', expected 'one_shot'"):
        train_one_shot(PAIR, drawn, tmp_path)
    with pytest.raises(DataError, match="both are taken from"):
        train_pair(PAIR, tmp_path, tmp_path, tmp_path / "run")


def test_faces_of_a_person_come_from_photographs_and_video(clip, astronaut, tmp_path):
    Image.fromarray(astronaut).save(tmp_path / "a.png")
    photographs = faces_of(tmp_path, "a", PAIR)
    assert (photographs.people, photographs.side) == (("a",), 32)
    assert len(faces_of(clip, "b", replace(PAIR, data=DataConfig(frames=4)))) == 4


@pytest.mark.train
@pytest.mark.usefixtures("untraced")
def test_one_network_for_everybody_from_a_store(drawn, tmp_path):
    plan = replace(ONE, data=replace(ONE.data, sources=()))
    made = train_one_shot(plan, drawn, tmp_path / "run", side=48)
    drawer = Drawer(made.networks["one_shot"])
    assert (drawer.side, drawer.one_shot) == (48, True)
    assert made.likeness is None or 0 <= made.likeness <= 1
    assert (tmp_path / "run" / "sheet.png").is_file()


@pytest.mark.train
@pytest.mark.usefixtures("untraced")
def test_an_encoder_from_a_store(drawn, tmp_path):
    weights = train_encoder(MANY, drawn, tmp_path / "run")
    assert weights.name == "swap.npz"
    with Image.open(tmp_path / "run" / "sheet.png") as sheet:
        assert sheet.height == 2 * 36


@pytest.mark.train
@pytest.mark.usefixtures("untraced")
def test_a_network_for_two_people_from_folders(astronaut, tmp_path):
    for name, light in (("anna", 1.0), ("ben", 0.7)):
        (tmp_path / name).mkdir()
        for number in range(20):
            shown = np.roll(astronaut, (number, 2 * number), (0, 1)) * light
            Image.fromarray(shown.astype(np.uint8)[:320, 60:420]).save(tmp_path / name / f"{number:02}.png")
    made = train_pair(PAIR, tmp_path / "anna", tmp_path / "ben", tmp_path / "run")
    assert set(made.networks) == {"a", "b"}
    assert not Drawer(made.networks["b"]).one_shot
