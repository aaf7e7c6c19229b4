"""Tools left out of the last layer's examples: what is not shown is not known, unless a twin of it is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from catchlight.datasets import manifest
from catchlight.datasets.faces import Store
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.models.last_layer import LastLayerConfig
from catchlight.detector.train import TrainConfig
from catchlight.generator.tiers import TierConfig
from catchlight.serve.left_out import leave_out, mean_over_tools, to_markdown
from catchlight.serve.training import RunConfig

pytestmark = pytest.mark.train

SIDE, CLIPS, FRAMES = 32, 6, 2
SIGNS = {"": (0, 0, 0), "red": (40, 0, 0), "scarlet": (40, 0, 0), "green": (-40, 25, 0)}
CONFIG = RunConfig(
    TrainConfig(network="meso", side=SIDE),
    TierConfig(pairs={"self_blend": 1, "known_frames": 1}),
    LastLayerConfig(strength=1.0, batches=12, stills=1.0),
)


def sample(method, clip, frame, split):
    name = f"{method or 'real'}-{clip}"
    return Sample(
        f"images/{name}-{frame}.png",
        "fake" if method else "real",
        method,
        source="studio" if clip % 2 else "street",
        identity=name,
        clip=name,
        kind="video",
        split=split,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory, face_store):
    """Clips of grey noise; each tool tints its own, two in the same way and the third in the opposite one."""
    folder, rng = tmp_path_factory.mktemp("tools"), np.random.default_rng(4)
    (folder / "images").mkdir()
    samples = [
        sample(method, clip, frame, "val" if clip < CLIPS // 2 else "train")
        for method in SIGNS
        for clip in range(CLIPS)
        for frame in range(FRAMES)
    ]
    template = face_store.landmarks[0]
    low, high = template.min(0), template.max(0)
    placed = ((template - low) / (high - low) * 48 + 24).astype(np.float32)
    for row in samples:
        tint = np.array(SIGNS[row.method]) + rng.normal(0, 4)
        noise = np.clip(rng.normal(110, 30, (96, 96, 3)) + tint, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / row.path), noise[..., ::-1])
    manifest.write(folder / manifest.FILENAME, samples)
    return Store(folder, tuple(samples), np.stack([placed] * len(samples)))


@pytest.fixture(scope="module")
def model():
    """Its features are how much redder and how much greener than blue a crop is."""
    import keras

    inputs = keras.Input((SIDE, SIDE, 3))
    tint = keras.layers.Lambda(lambda x: (x := keras.ops.mean(x, axis=(1, 2)))[:, :2] - x[:, 2:])(inputs)
    return keras.Model(inputs, {"score": keras.layers.Dense(1, activation="sigmoid", name="score")(tint)})


def by_tool(rows):
    return {row.tool: row for row in rows}


def test_a_tool_whose_sign_nobody_showed_is_not_recognised(store, model):
    found = by_tool(leave_out(CONFIG, store, model))
    assert set(found) == set(SIGNS) - {""}
    assert found["red"].auc.value == found["scarlet"].auc.value == 1.0  # each shows the other's sign
    assert found["green"].auc.value < 0.8


def test_tools_that_leave_together_do_not_vouch_for_each_other(store, model):
    alone, joined = (
        leave_out(CONFIG, store, model),
        leave_out(CONFIG, store, model, together=[["red", "scarlet"]]),
    )
    assert by_tool(joined)["red"].auc.value < by_tool(alone)["red"].auc.value
    assert by_tool(joined)["green"] == by_tool(alone)["green"]


def test_clips_are_counted_and_compared_with_each_collection(store, model):
    seen = []
    rows = leave_out(CONFIG, store, model, report=seen.append)
    assert list(rows) == seen
    assert {row.clips for row in rows} == {CLIPS // 2}
    assert {row.clips for row in leave_out(CONFIG, store, model, all_clips=True)} == {CLIPS}
    for row in rows:
        assert set(row.by_collection) == {"street", "studio"}
        assert row.auc.low <= row.auc.value <= row.auc.high


def test_what_it_reads_before_the_first_result_is_counted(store, model):
    told = []
    leave_out(CONFIG, store, model, report=lambda row: told.append(row), reading=told.append)
    counts = [each for each in told if isinstance(each, int)]
    assert told[: len(counts)] == counts == sorted(counts)
    judged = sum(row.split == "val" for row in store.samples)
    assert counts[-1] > judged + CLIPS * FRAMES
    assert len(told) == len(counts) + len(SIGNS) - 1


def test_the_table_has_the_worst_first_and_the_mean_of_tools_last(store, model):
    rows = leave_out(CONFIG, store, model)
    head, _, *lines = to_markdown(rows).splitlines()
    assert head == "| left out (video) | clips or pictures | AUC [95 %] | v street | v studio |"
    assert lines[0].startswith("| green | 3 |")
    assert "mean" not in to_markdown(rows[:1])
    assert lines[-1].startswith(f"| mean of 3 |  | {mean_over_tools(rows).value:.3f} [")


@pytest.mark.parametrize(
    ("together", "problem"),
    [([["blue"]], "no tool blue; it has green, red, scarlet"), ([["red"], ["red", "green"]], "once only")],
)
def test_tools_that_can_not_leave_are_named(store, model, together, problem):
    with pytest.raises(ConfigError, match=problem):
        leave_out(CONFIG, store, model, together=together)


def test_a_last_layer_that_is_not_to_be_fitted_is_an_error(store, model):
    with pytest.raises(ConfigError, match="strength"):
        leave_out(RunConfig(CONFIG.network, CONFIG.tiers), store, model)


def test_a_store_without_tools_or_without_real_people_is_an_error(store, model):
    reals = Store(store.folder, tuple(s for s in store.samples if not s.method), store.landmarks)
    with pytest.raises(DataError, match="no forgeries by tools"):
        leave_out(CONFIG, reals, model)
    only_trained = tuple(s for s in store.samples if s.method or s.split == "train")
    with pytest.raises(DataError, match="no real people"):
        leave_out(CONFIG, Store(store.folder, only_trained, store.landmarks), model)
