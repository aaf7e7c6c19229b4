import json
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.networks.train_swap import TrainConfig, train

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]
TINY = SwapConfig("pair", side=32, encoder=4, code=8, decoder=8)
QUICK = TrainConfig(steps=6, batch=2, every=3, rate=3e-3, last_rate=1e-3)


def log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


def weights(path):
    with np.load(path) as stored:
        return [stored[name] for name in sorted(stored.files) if name[0] == "w"]


@pytest.fixture(scope="module")
def whole(lessons, tmp_path_factory):
    """A run without interruption."""
    folder = tmp_path_factory.mktemp("whole")
    sheet = lambda model: np.zeros((4, 4, 3), np.uint8)  # noqa: E731
    train(TINY, QUICK, lessons, folder, lambda model: {"score": 0.1}, sheet)
    return folder


def test_a_run_leaves_its_best_network_a_sheet_and_a_log(whole):
    assert {"swap.npz", "sheet.png", "log.jsonl", "checkpoint.npz"} <= {f.name for f in whole.iterdir()}
    lines = log(whole)
    assert [(line["step"], line["seen"]) for line in lines] == [
        (3, 12),
        (6, 24),
    ]  # two people, two faces of each
    assert 0 < lines[1]["found"]["psnr"] < 60
    assert lines[1]["score"] == pytest.approx(lines[1]["found"]["ssim"] + 0.1)


@pytest.mark.slow
def test_it_learns(lessons, tmp_path, traced):
    train(TINY, replace(QUICK, steps=60, every=30), lessons, tmp_path)
    first, last = log(tmp_path)
    assert last["loss"] < 0.95 * first["loss"]


def test_it_begins_with_other_weights_but_goes_on_with_its_own(whole, lessons, tmp_path):
    course = replace(QUICK, steps=1, every=1, rate=1e-9, last_rate=1e-9)
    begun = train(TINY, course, lessons, tmp_path, start=whole / "swap.npz")
    trained, fresh = weights(whole / "swap.npz"), weights(begun)
    assert sum(np.allclose(a, b, atol=1e-3) for a, b in zip(trained, fresh, strict=True)) > len(trained) // 4
    train(TINY, course, lessons, tmp_path, start=tmp_path / "nowhere.npz")


KILLED = """
import os, signal, sys
sys.path.insert(0, {here!r})
from {module} import TINY, QUICK, train
import numpy as np, pickle, pathlib
import tensorflow as tf
tf.config.run_functions_eagerly(True)
lessons = pickle.loads(pathlib.Path({lessons!r}).read_bytes())
def report(measured):
    os.kill(os.getpid(), signal.SIGKILL)
train(TINY, QUICK, lessons, pathlib.Path({folder!r}), lambda model: {{"score": 0.1}}, None, report)
"""


def same_end(folder, whole):
    assert [line["step"] for line in log(folder)] == [3, 6]
    for one, other in zip(weights(folder / "swap.npz"), weights(whole / "swap.npz"), strict=True):
        assert one == pytest.approx(other, abs=2e-3)


@pytest.mark.slow
def test_killed_it_goes_on_and_ends_where_an_unbroken_run_ends(whole, lessons, tmp_path):
    (tmp_path / "lessons").write_bytes(pickle.dumps(lessons))
    folder, here = tmp_path / "run", Path(__file__)
    code = KILLED.format(
        here=str(here.parent), module=here.stem, lessons=str(tmp_path / "lessons"), folder=str(folder)
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    train(TINY, QUICK, lessons, folder, lambda model: {"score": 0.1})
    same_end(folder, whole)


@pytest.mark.slow
def test_it_stops_by_itself_where_nothing_is_gained(lessons, tmp_path):
    config = replace(QUICK, steps=50, every=1, patience=2, gain=5.0)
    train(TINY, config, lessons, tmp_path)
    assert log(tmp_path)[-1]["step"] == 3
