from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, TrainingError
from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.networks.swap_run import Run, TrainConfig

pytestmark = pytest.mark.train
TINY = SwapConfig("pair", side=32, encoder=4, code=8, decoder=8)
QUICK = TrainConfig(steps=2, batch=2, every=1)


@pytest.fixture(scope="module")
def twice(lessons, tmp_path_factory):
    """The folder of a run with two checkpoints."""
    run = Run(TINY, QUICK, lessons, tmp_path_factory.mktemp("twice"))
    for _ in range(2):
        run.stretch(None)
        run.keep()
    return run.folder


def taken(folder, twice, names=("checkpoint.npz", "checkpoint.previous.npz")):
    for name in names:
        (folder / name).write_bytes((twice / name).read_bytes())


def test_impossible_settings_are_named():
    with pytest.raises(ConfigError, match="must be at least 1 and the rates above 0, but 20000, 0"):
        TrainConfig(batch=0)


def test_a_resumed_run_stands_where_it_stood(lessons, twice, tmp_path):
    taken(tmp_path, twice)
    run = Run(TINY, QUICK, lessons, tmp_path)
    assert not run.over
    assert run.resume()
    assert (run.step, run.over) == (2, True)
    assert not Run(TINY, QUICK, lessons, tmp_path / "empty").resume()


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_still_serves(lessons, twice, tmp_path):
    taken(tmp_path, twice)
    (tmp_path / "checkpoint.npz").write_bytes(b"PK cut off")
    run = Run(TINY, QUICK, lessons, tmp_path)
    with pytest.raises(TrainingError, match=r"then goes on from .*previous"):
        run.resume()
    (tmp_path / "checkpoint.npz").unlink()
    assert run.resume()
    assert run.step == 1


def test_a_checkpoint_of_another_run_is_refused(lessons, twice, tmp_path):
    taken(tmp_path, twice)
    with pytest.raises(TrainingError, match="another configuration"):
        Run(TINY, replace(QUICK, rate=1e-4), lessons, tmp_path).resume()


class Broken:
    """Lessons that give what no loss can bear."""

    def __init__(self, lessons):
        self.held_out = lessons.held_out

    def batch(self, rng, size):
        return [np.full((size, 32, 32, 3), np.nan, np.float32)] * 2, [
            np.ones((size, 32, 32, 4), np.float32)
        ] * 2


def test_what_is_not_finite_stops_the_run_and_leaves_its_checkpoints(lessons, twice, tmp_path):
    taken(tmp_path, twice, ["checkpoint.previous.npz"])
    run = Run(TINY, QUICK, Broken(lessons), tmp_path)
    assert run.resume()
    with pytest.raises(TrainingError, match="the loss is nan at step 1; lower the rate"):
        run.stretch(None)
    again = Run(TINY, QUICK, lessons, tmp_path)
    assert again.resume()
    assert np.isfinite(again.stretch(None).loss)
