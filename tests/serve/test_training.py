"""From configuration and store to a trained network."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, DataError, TrainingError, UnknownName
from catchlight.detector.models import last_layer
from catchlight.detector.runtime import Network
from catchlight.detector.train import build
from catchlight.serve import training
from catchlight.serve.held_out import HeldOut

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
        ("[network]\nnetwork = 'resnet'\n", UnknownName, "Valid names: efficientnet_lite0, meso, mobilenet"),
        ("[network]\nanchor = 0.2\nteacher = 'mobilenet'\n", ConfigError, "one of the two only"),
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


@pytest.mark.train
def test_what_the_last_layer_will_lack_is_told_before_the_training(face_store, tmp_path):
    text = (
        '[network]\nnetwork = "meso"\nside = 64\nepochs = 1\n[last_layer]\nstrength = 0.1\nenhanced = true\n'
    )
    config = training.read_config(write(tmp_path, text))
    with pytest.raises(DataError, match="holds no enhanced photographs"):
        training.train_network(config, face_store, tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())


@pytest.mark.train
def test_a_network_can_learn_what_a_bundle_says(face_store, tmp_path):
    text = (
        '[network]\nnetwork = "meso"\nside = {}\nepochs = 1\nsteps = 1\nwarmup = 1\nteacher = "mobilenet"\n'
        "[tiers]\nvalidation_batches = 1\n[tiers.pairs]\nself_blend = 2\n"
    )
    config = training.read_config(write(tmp_path, text.format(160)))
    training.train_network(config, face_store, tmp_path / "run")
    assert (tmp_path / "run" / "best.weights.h5").is_file()
    other = training.read_config(write(tmp_path, text.format(64)))
    with pytest.raises(ConfigError, match="teacher mobilenet reads crops of 160 px, the network 64"):
        training.train_network(other, face_store, tmp_path / "other")


@pytest.mark.train
def test_a_network_beside_the_trained_one_has_half_of_the_say(tmp_path):
    from catchlight.detector.models import meso
    from catchlight.detector.train import TrainConfig

    first, second = meso.build(64), meso.build(64)
    second.get_layer("score").set_weights([np.zeros((16, 1)), np.array([2.0])])
    second.save_weights(tmp_path / "second.weights.h5")
    config = TrainConfig(network="meso", side=64, beside=str(tmp_path / "second.weights.h5"))
    crops = np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3)).astype(np.float32)
    alone, joined = (
        model.predict_on_batch(crops)["score"] for model in (first, training.beside(config, first))
    )
    logit = np.log(alone / (1 - alone))
    np.testing.assert_allclose(joined, 1 / (1 + np.exp(-(logit + 2) / 2)), atol=1e-4)
    assert training.beside(TrainConfig(network="meso", side=64), first) is first


@pytest.mark.train
def test_the_network_beside_may_be_another_one(tmp_path):
    from catchlight.detector.models import mobilenet, texture
    from catchlight.detector.train import TrainConfig

    first, second = texture.build(64), mobilenet.build(64)
    kept = str(tmp_path / "second.weights.h5")
    second.save_weights(kept)
    config = TrainConfig(network="mobilenet_textured", side=64, beside=kept, beside_network="mobilenet")
    crops = np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3)).astype(np.float32)
    models = (first, second, training.beside(config, first))
    logits = [np.log(p / (1 - p)) for p in (model.predict_on_batch(crops)["score"] for model in models)]
    np.testing.assert_allclose(logits[2], (logits[0] + logits[1]) / 2, atol=1e-4)


@pytest.mark.train
def test_what_was_trained_is_moved_towards_the_weights_that_it_came_from(face_store, tmp_path):
    from catchlight.detector.models import meso

    first, second = meso.build(64), meso.build(64)
    first.save_weights(tmp_path / "first.weights.h5")
    second.save_weights(tmp_path / "second.weights.h5")
    config = training.read_config(
        write(
            tmp_path,
            f'[network]\nnetwork = "meso"\nside = 64\ntrain_from = ""\nepochs = 0\nmix_share = 0.25\n'
            f'initial_weights = "{tmp_path / "first.weights.h5"}"\nmix_with = "{tmp_path / "second.weights.h5"}"\n',
        )
    )
    made = training.train_network(config, face_store, tmp_path / "run")
    for found, a, b in zip(made.get_weights(), first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_allclose(found, 0.75 * a + 0.25 * b, atol=1e-6)
    assert (tmp_path / "run" / "mixed.weights.h5").is_file()


@pytest.mark.train
@pytest.mark.parametrize(
    ("read", "network"),
    [("texture", "mobilenet_textured"), ("texture = true\nchroma", "mobilenet_chromatic")],
)
def test_a_last_layer_that_reads_more_is_kept_in_weights_of_its_own(face_store, tmp_path, read, network):
    text = (
        '[network]\nnetwork = "mobilenet"\nside = 64\nepochs = 0\n'
        f"[last_layer]\nstrength = 0.1\nbatches = 1\n{read} = true\n[tiers.pairs]\nself_blend = 2\n"
    )
    config = training.read_config(write(tmp_path, text))
    model = training.train_network(config, face_store, tmp_path / "run")
    kept = str(tmp_path / "run" / "refitted.weights.h5")
    again = build(replace(config.network, network=network, initial_weights=kept))
    crops = np.random.default_rng(1).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)
    said, says = (each.predict_on_batch(crops)["score"] for each in (model, again))
    np.testing.assert_allclose(says, said, atol=1e-6)
    late = last_layer.reader(build(config.network)).output["features"].shape[1]
    assert np.abs(model.get_layer("score").get_weights()[0][late:]).max() > 0


@pytest.mark.parametrize("setting", ["beside", "mix_with"])
def test_weights_for_later_that_are_absent_are_named(tmp_path, setting):
    from catchlight.detector.train import TrainConfig, build

    with pytest.raises(ConfigError, match="absent.h5 do not exist"):
        build(TrainConfig(network="meso", side=64, **{setting: str(tmp_path / "absent.h5")}))


@pytest.mark.train
def test_without_epochs_the_initial_weights_are_taken_as_they_are(face_store, tmp_path):
    from catchlight.detector.models import meso

    first = meso.build(64)
    first.save_weights(tmp_path / "first.weights.h5")
    text = "[network]\nnetwork = 'meso'\nside = 64\ntrain_from = ''\nepochs = 0\n"
    text += f"initial_weights = '{tmp_path}/first.weights.h5'\n"
    config = training.read_config(write(tmp_path, text))
    taken = training.train_network(config, face_store, tmp_path / "run")
    for a, b in zip(first.get_weights(), taken.get_weights(), strict=True):
        assert np.array_equal(a, b)


def tracks_by_brightness(real=100, forged=160):
    """Held-out people of both kinds of medium; forgeries are brighter, but not always."""
    rng = np.random.default_rng(7)
    for number in range(120):
        label, kind = number % 2, ("image", "video")[number // 2 % 2]
        level = rng.normal(forged if label else real, 25)
        crops = np.clip(rng.normal(level, 20, (2, 32, 32, 3)), 0, 255).astype(np.uint8)
        yield HeldOut(crops, label, kind, f"person {number}", "bright" if label else "")


@pytest.mark.train
@pytest.mark.parametrize(
    ("form", "held"), [("both", {"float", "int8"}), ("float", {"float"}), ("int8", {"int8"})]
)
def test_a_bundle_holds_the_forms_that_are_asked_for(face_store, tmp_path, monkeypatch, form, held):
    import keras

    inputs = keras.Input((32, 32, 3), name="image")
    mean = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(inputs))
    judge = keras.layers.Dense(1, activation="sigmoid", name="score")
    model = keras.Model(inputs, {"score": judge(mean)})
    judge.set_weights([np.full((3, 1), 4.0), np.array([-6.0])])
    monkeypatch.setattr(training, "held_out_tracks", lambda *_: tracks_by_brightness())
    config = training.read_config(
        write(tmp_path, f'[network]\nnetwork = "meso"\nside = 32\nform = "{form}"\n')
    )
    made = training.make_bundle(config, face_store, model, tmp_path / "run", "mine", "catchlight train x")
    assert set(made.network.files) == held
    assert made.network.default == ("int8" if form == "int8" else "float")
    crops = np.stack([np.full((32, 32, 3), level, np.uint8) for level in (60, 130, 200)])
    wanted = model.predict_on_batch(crops.astype(np.float32))["score"][:, 0]
    found, _ = Network(made.network_file()).run(crops)
    np.testing.assert_allclose(found, wanted, atol=0.03)
    assert "| bright | image | 30 |" in made.card
    assert "| as they are | image | 30 | 0 | +0.00 |" in made.card
    assert "| skin as it appears | kind | real people | called fake |" in made.card


@pytest.mark.train
def test_a_bundle_that_accuses_real_people_in_the_dark_is_not_written_and_the_one_there_stays(
    face_store, tmp_path, monkeypatch
):
    import keras

    inputs = keras.Input((32, 32, 3), name="image")
    mean = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(-1 / 255, offset=1.0)(inputs))
    judge = keras.layers.Dense(1, activation="sigmoid", name="score")
    model = keras.Model(inputs, {"score": judge(mean)})
    judge.set_weights([np.full((3, 1), 12.0), np.array([-20.0])])
    monkeypatch.setattr(training, "held_out_tracks", lambda *_: tracks_by_brightness(real=200, forged=80))
    config = training.read_config(write(tmp_path, '[network]\nnetwork = "meso"\nside = 32\nform = "float"\n'))
    there = tmp_path / "run" / "bundle" / "card.md"
    there.parent.mkdir(parents=True)
    there.write_text("the bundle before", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"only handled \(.*dark, image: \d+ of 30"):
        training.make_bundle(config, face_store, model, tmp_path / "run", "mine", "catchlight train x")
    assert there.read_text(encoding="utf-8") == "the bundle before"
    assert len(list(there.parent.iterdir())) == 1
