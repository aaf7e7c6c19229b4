"""From configuration and store to a trained network."""

from pathlib import Path

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.serve import training

ROOT = Path(__file__).parent.parent.parent
CONFIGS = sorted((ROOT / "serve" / "configs").glob("*.toml"))


def write(folder, text):
    file = folder / "run.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_our_own_configurations_can_be_read_and_open_with_their_command(path):
    made = training.read_config(path)
    assert made.network.side % 32 == 0
    assert sum(made.tiers.pairs.values()) > 0
    assert path.read_text(encoding="utf-8").startswith(f"# catchlight train serve/configs/{path.name}")


def test_tables_become_configurations_and_the_backbone_is_put_in(tmp_path):
    file = write(tmp_path, '[network]\nnetwork = "meso"\nside = 64\n[tiers.pairs]\nself_blend = 2\n')
    made = training.read_config(file, tmp_path / "weights.h5")
    assert (made.network.network, made.network.side) == ("meso", 64)
    assert made.network.backbone_weights == str(tmp_path / "weights.h5")
    assert made.tiers.pairs == {"self_blend": 2}


@pytest.mark.parametrize(
    ("text", "error", "problem"),
    [
        ("[net]\nside = 64\n", ConfigError, r"unknown table \[net\]; valid tables: network, tiers"),
        ("[network]\nsteps = 'many'\n", ConfigError, "steps: expected a whole number, received 'many'"),
        ("[network]\nnetwork = 'resnet'\n", UnknownName, "Valid names: meso, mobilenet"),
        ("[tiers.pairs]\nblend = 3\n", UnknownName, "unknown tier 'blend'"),
        ("[tiers.pairs]\nself_blend = 'all'\n", ConfigError, "expected a whole number"),
        ("[tiers]\nheld_out_kinds = 'bl8'\n", ConfigError, "expected a list, received 'bl8'"),
        ("side = \n", ConfigError, r"run\.toml can't be read"),
    ],
)
def test_what_is_wrong_is_named(text, error, problem, tmp_path):
    with pytest.raises(error, match=problem):
        training.read_config(write(tmp_path, text))


@pytest.mark.train
def test_a_tiny_network_is_trained_from_a_store(face_store, tmp_path):
    text = (
        '[network]\nnetwork = "meso"\nside = 64\nepochs = 1\nsteps = 1\nwarmup = 1\n'
        "[tiers]\nvalidation_batches = 1\n[tiers.pairs]\nself_blend = 2\nknown_frames = 1\n"
    )
    config = training.read_config(write(tmp_path, text))
    seen = []
    model = training.train_network(config, face_store, tmp_path / "run", seen.append)
    assert set(seen[0].auc) == {"self_blend", "known_frames"}
    scores = model.predict(np.zeros((2, 64, 64, 3), np.uint8), verbose=0)["score"]
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (tmp_path / "run" / "best.weights.h5").is_file()
