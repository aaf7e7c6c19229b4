import json
import pickle
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catchlight.detector.errors import BundleError, TrainingError
from catchlight.generator.networks import train_swap
from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.networks.train_swap import TrainConfig, train
from catchlight.generator.swap import frame
from catchlight.generator.swap.faces import stack
from catchlight.generator.swap.lessons import PairLessons
from catchlight.generator.testing import sample_portrait

pytestmark = pytest.mark.train
TINY = SwapConfig("pair", side=32, encoder=4, code=8, decoder=8)
QUICK = TrainConfig(steps=6, batch=2, every=3, rate=3e-3, last_rate=1e-3)


def drawn(name):
    """Twenty pictures of one drawn person."""
    faces = [sample_portrait(64, ord(name) + 100 * number) for number in range(20)]
    return stack([frame.cut(face.image, face.landmarks, 32) for face in faces], name * 20)


@pytest.fixture(scope="module")
def lessons():
    return PairLessons(drawn("a"), drawn("b"))


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
    assert [line["step"] for line in lines] == [3, 6]
    assert 0 < lines[1]["psnr"] < 60
    assert lines[1]["score"] == pytest.approx(lines[1]["ssim"] + 0.1)


@pytest.mark.slow
def test_it_learns(lessons, tmp_path):
    train(TINY, replace(QUICK, steps=60, every=30), lessons, tmp_path)
    first, last = log(tmp_path)
    assert last["loss"] < 0.95 * first["loss"]


KILLED = """
import os, signal, sys
sys.path.insert(0, {here!r})
from {module} import TINY, QUICK, train
import numpy as np, pickle, pathlib
lessons = pickle.loads(pathlib.Path({lessons!r}).read_bytes())
def report(measured):
    os.kill(os.getpid(), signal.SIGKILL)
train(TINY, QUICK, lessons, pathlib.Path({folder!r}), lambda model: {{"score": 0.1}}, None, report)
"""


def same_end(folder, whole):
    assert [line["step"] for line in log(folder)] == [3, 6]
    for one, other in zip(weights(folder / "swap.npz"), weights(whole / "swap.npz"), strict=True):
        assert one == pytest.approx(other, abs=2e-3)


def test_stopped_it_goes_on_and_ends_where_an_unbroken_run_ends(whole, lessons, tmp_path):
    def stop(_measured):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY, QUICK, lessons, tmp_path, lambda model: {"score": 0.1}, report=stop)
    train(TINY, QUICK, lessons, tmp_path, lambda model: {"score": 0.1})
    same_end(tmp_path, whole)


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


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_still_serves(whole, lessons, tmp_path):
    for name in ("checkpoint.npz", "checkpoint.previous.npz"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    (tmp_path / "checkpoint.npz").write_bytes(b"PK cut off")
    with pytest.raises(TrainingError, match=r"then goes on from .*previous"):
        train(TINY, QUICK, lessons, tmp_path)
    (tmp_path / "checkpoint.npz").unlink()
    train(TINY, QUICK, lessons, tmp_path)
    assert log(tmp_path)[-1]["step"] == 6


def test_a_checkpoint_of_another_run_is_refused(whole, lessons, tmp_path):
    (tmp_path / "checkpoint.npz").write_bytes((whole / "checkpoint.npz").read_bytes())
    with pytest.raises(TrainingError, match="another configuration"):
        train(TINY, replace(QUICK, rate=1e-4), lessons, tmp_path)


class Broken:
    """Lessons that give what no loss can bear, once a checkpoint is there."""

    def __init__(self, lessons, folder):
        self.lessons, self.folder = lessons, folder

    def batch(self, rng, size):
        inputs, wanted = self.lessons.batch(rng, size)
        if (self.folder / "checkpoint.npz").exists():
            wanted[0][:] = np.nan
        return inputs, wanted

    def held_out(self):
        return self.lessons.held_out()


def test_what_is_not_finite_stops_the_run_and_keeps_its_checkpoint(lessons, tmp_path):
    with pytest.raises(TrainingError, match="the loss is nan at step 3; lower the rate"):
        train(TINY, QUICK, Broken(lessons, tmp_path), tmp_path)
    train(TINY, QUICK, lessons, tmp_path)
    assert log(tmp_path)[-1]["step"] == 6


@pytest.mark.slow
def test_it_stops_by_itself_where_nothing_is_gained(lessons, tmp_path):
    config = replace(QUICK, steps=50, every=1, patience=2, gain=5.0)
    train(TINY, config, lessons, tmp_path)
    assert log(tmp_path)[-1]["step"] == 3


def test_a_pair_can_start_with_the_encoder_of_another(whole, lessons, tmp_path):
    model = train_swap.build(TINY)
    train_swap.warm_start(model, TINY, whole / "swap.npz")
    stored = weights(whole / "swap.npz")
    for one, other in zip(model.get_layer("encoder").get_weights(), stored, strict=False):
        assert one == pytest.approx(other, abs=1e-3)
    with pytest.raises(BundleError, match="can't start one of"):
        train_swap.warm_start(model, replace(TINY, code=16), whole / "swap.npz")
