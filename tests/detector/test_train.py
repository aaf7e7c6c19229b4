"""Training: a tiny network really learns, logs, resumes where it stopped, and refuses what can't go on."""

import json
from dataclasses import replace

import numpy as np
import pytest

from catchlight.datasets.batches import Pair, Tier, batch, training_batches
from catchlight.detector import train
from catchlight.detector.errors import ConfigError, TrainingError
from catchlight.detector.train import TrainConfig, ValidationSet, family_auc, fit

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]

SIDE, STEPS, PEEKED = 64, 3, 2  # Keras looks at two batches for their shapes before it trains
TINY = TrainConfig(network="meso", side=SIDE, epochs=2, steps=STEPS, learning_rate=1e-3, warmup=1, ema=0.5)


class Stripes:
    """Fakes have a bright bar in the middle."""

    def pair(self, side, rng):
        real = rng.integers(0, 120, (side, side, 3)).astype(np.uint8)
        fake, mask = real.copy(), np.zeros((side, side), np.float32)
        fake[side // 3 : side // 2], mask[side // 3 : side // 2] = 250, 1
        return Pair(real, fake, mask)


class Recorded(Stripes):
    """Remembers the generators' first numbers, by which one sees which pairs were asked for."""

    def __init__(self):
        self.seen = []

    def pair(self, side, rng):
        made = super().pair(side, rng)
        self.seen.append(made.real[0, 0].tobytes())
        return made


def tiers(source=None):
    return (Tier("stripes", 4, source or Stripes()),)


def validation(seed="validation"):
    images, targets = batch(tiers(), SIDE, seed, histories=0.0)
    labels = targets["score"][:, 0].astype(np.int64)
    return ValidationSet(images, labels, np.array(["stripes"] * len(labels)))


def run(out, config=TINY, source=None, report=None):
    return fit(config, training_batches(tiers(source), SIDE, STEPS, config.seed), validation(), out, report)


def logged(out):
    return [json.loads(line) for line in (out / train.LOG).read_text().splitlines()]


def test_a_run_trains_logs_and_keeps_the_best(tmp_path, traced):
    seen = []
    model = run(tmp_path, report=seen.append)
    log = logged(tmp_path)
    assert [entry["epoch"] for entry in log] == [1, 2] == [state.epoch for state in seen]
    assert all(np.isfinite(entry["loss"]) and 0 <= entry["mean_auc"] <= 1 for entry in log)
    scores = model.predict(validation().images, verbose=0)["score"][:, 0]
    best = max(entry["mean_auc"] for entry in log)
    assert family_auc(scores.astype(float), validation())["stripes"] == pytest.approx(best, abs=1e-3)
    assert json.loads((tmp_path / train.CONFIG).read_text())["network"] == "meso"


class Stop(Exception):
    """Stands for the user's Ctrl-C."""


def stop(state):
    raise Stop


def test_a_stopped_run_goes_on_with_the_next_epoch_and_its_batches(tmp_path):
    whole, first, second = Recorded(), Recorded(), Recorded()
    run(tmp_path / "whole", source=whole)
    with pytest.raises(Stop):
        run(tmp_path / "parts", source=first, report=stop)
    assert [entry["epoch"] for entry in logged(tmp_path / "parts")] == [1]
    run(tmp_path / "parts", source=second)
    assert [entry["epoch"] for entry in logged(tmp_path / "parts")] == [1, 2]
    assert set(whole.seen) == set(first.seen) | set(second.seen)
    assert len(set(first.seen) - set(second.seen)) == (STEPS - PEEKED) * 4


def test_a_run_killed_while_it_validated_does_not_see_its_batches_twice(tmp_path):
    first, second = Recorded(), Recorded()
    broken = ValidationSet(np.zeros((2, 5, 5, 3), np.uint8), np.array([0, 1]), np.array(["x", "x"]))
    with pytest.raises(ValueError, match="shape"):
        fit(TINY, training_batches(tiers(first), SIDE, STEPS, TINY.seed), broken, tmp_path)
    run(tmp_path, source=second)
    assert [entry["epoch"] for entry in logged(tmp_path)] == [2]
    assert len(set(first.seen) - set(second.seen)) == (STEPS - PEEKED) * 4


def test_a_finished_run_only_loads_its_best(tmp_path):
    once, again = run(tmp_path), run(tmp_path)
    assert len(logged(tmp_path)) == 2
    assert all(np.array_equal(a, b) for a, b in zip(once.get_weights(), again.get_weights(), strict=True))


def test_the_last_epoch_is_kept_where_that_is_asked_for(tmp_path):
    images = np.repeat(np.zeros((1, SIDE, SIDE, 3), np.uint8), 2, axis=0)
    blind = ValidationSet(
        images, np.array([0, 1]), np.array(["x", "x"])
    )  # all epochs are as good as the first
    kept = {}
    for keep in ("best", "last"):
        config = replace(TINY, keep=keep)
        batches = training_batches(tiers(), SIDE, STEPS, TINY.seed)
        kept[keep] = fit(config, batches, blind, tmp_path / keep).get_weights()
    assert [entry["mean_auc"] for entry in logged(tmp_path / "last")] == [0.5, 0.5]
    assert any(not np.array_equal(a, b) for a, b in zip(*kept.values(), strict=True))


def test_another_configuration_in_the_same_folder_is_refused(tmp_path):
    train._claim(tmp_path, TINY)
    with pytest.raises(TrainingError, match="run of another configuration"):
        run(tmp_path, TrainConfig(network="meso", side=SIDE, epochs=3))


def test_a_loss_that_is_no_number_is_an_error(tmp_path):
    import keras

    class Nothing(keras.utils.PyDataset):
        def __len__(self):
            return STEPS

        def __getitem__(self, step):
            images, targets = batch(tiers(), SIDE, "a")
            return images, {"score": targets["score"] * np.nan}

    with pytest.raises(TrainingError, match="loss became nan in epoch 1; lower the learning rate"):
        fit(TINY, Nothing(), validation(), tmp_path)


def test_it_stops_when_validation_has_not_improved_for_long(tmp_path):
    still = TrainConfig(
        network="meso", side=SIDE, epochs=6, steps=STEPS, learning_rate=0.0, warmup=1, patience=1
    )
    run(tmp_path, still)
    assert len(logged(tmp_path)) < 6


@pytest.mark.parametrize("setting", ["backbone_weights", "initial_weights"])
def test_absent_weights_are_named(setting, tmp_path):
    config = TrainConfig(network="mobilenet", side=SIDE, **{setting: str(tmp_path / "absent.h5")})
    with pytest.raises(ConfigError, match=r"absent\.h5 do not exist"):
        train.build(config)


def test_pretrained_layers_are_kept_as_configured(tmp_path):
    weights = tmp_path / "start.weights.h5"
    train.build(TrainConfig(network="mobilenet", side=SIDE)).save_weights(weights)
    model = train.build(TrainConfig(network="mobilenet", side=SIDE, initial_weights=str(weights)))
    trained = [layer.name for layer in model.layers if layer.trainable and layer.weights]
    assert "block_1_expand" not in trained
    assert "block_3_expand" in trained
    assert not any(name.endswith("_BN") for name in trained)
    with pytest.raises(ConfigError, match="no layer 'block_99'"):
        train.build(
            TrainConfig(network="mobilenet", side=SIDE, initial_weights=str(weights), train_from="block_99")
        )


def test_family_auc_compares_each_family_with_its_own_real_pictures():
    labels = np.array([0, 1, 0, 1])
    families = np.array(["a", "a", "b", "b"])
    made = ValidationSet(np.zeros((4, 2, 2, 3), np.uint8), labels, families)
    assert family_auc(np.array([0.8, 0.9, 0.2, 0.1]), made) == {"a": 1.0, "b": 0.0}
