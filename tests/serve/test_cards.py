"""The model card holds what was measured, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector.calibrate import fit
from catchlight.detector.calibration import CalibrationSample
from catchlight.detector.train import TrainConfig
from catchlight.generator.tiers import TierConfig
from catchlight.serve import cards


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(1)

    def track(label, number, kind):
        scores = np.clip(rng.normal(0.35 + 0.3 * label, 0.15, 4), 0.01, 0.99)
        return CalibrationSample(scores, label, kind, f"{kind}{label}{number}", "swap" if label else "")

    return [track(label, n, kind) for label in (0, 1) for n in range(40) for kind in ("image", "video")]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    samples = (
        Sample("a.jpg", "real", source="lfw", identity="ann", split="train"),
        Sample("b.jpg", "real", source="lfw", identity="bob", split="val"),
        Sample("c.jpg", "fake", method="swap", source="s", split="train"),
    )
    return Store(tmp_path_factory.mktemp("store"), samples, np.zeros((3, 478, 2), np.float32))


def test_card_tells_data_numbers_calibration_and_limits(store, scored):
    calibration = fit(scored, seed=1)
    both = {"float": scored, "int8": scored}
    text = cards.write("mine", "catchlight train x", TrainConfig(), TierConfig(), store, both, calibration)
    assert "1 real people for training and 1 held out" in text
    assert "| train | fake | swap | 1 |" in text
    assert "| swap | image | 40 | 0." in text
    assert "| family | kind | tracks | AUC [95 %] | AUC int8 |" in text
    assert f"`{calibration.id}`" in text
    assert "16 self_blend" in text
    assert text.index("## Calibration") < text.index("## Limits")


def test_card_of_a_bundle_in_int8_tells_that_forms_numbers_first(store, scored):
    blind = [replace(sample, scores=0.5 + 0 * sample.scores) for sample in scored]
    forms = {"float": blind, "int8": scored}
    text = cards.write(
        "mine", "x", TrainConfig(), TierConfig(), store, forms, fit(scored, seed=1), judging="int8"
    )
    assert "| AUC [95 %] | AUC float |" in text
    (row,) = [line for line in text.splitlines() if line.startswith("| swap | image |")]
    assert row.endswith("| 0.500 |")
    assert " 0.500 [" not in row


def test_card_of_a_run_that_trains_nothing_says_whose_weights_they_are(store, scored):
    config = TrainConfig(epochs=0, initial_weights="runs/a.weights.h5", beside="runs/b.weights.h5")
    text = cards.write("mine", "x", config, TierConfig(), store, {"float": scored}, fit(scored, seed=1))
    assert "`runs/a.weights.h5` and `runs/b.weights.h5`" in text
    assert "the mean of their logits judges" in text
    assert "self_blend" not in text
