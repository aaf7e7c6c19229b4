import errno

import numpy as np
import pytest

from catchlight.detector.errors import DataError, TrainingError
from catchlight.generator.networks.checkpoint import keep, resume


class Variable:
    """As much of a Keras variable as a checkpoint uses."""

    def __init__(self, value):
        self.value = np.float32(value)

    def assign(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype)


@pytest.fixture
def paths(tmp_path):
    return tmp_path / "now.npz", tmp_path / "before.npz"


def test_what_was_kept_comes_back(paths):
    keep(*paths, "run", {"step": 5, "best": 0.5}, [Variable([1, 2]), Variable(3)])
    state = [Variable([0, 0]), Variable(0)]
    assert resume(*paths, "run", state) == {"step": 5, "best": 0.5}
    assert [np.asarray(v).tolist() for v in state] == [[1, 2], 3]


def test_without_a_checkpoint_there_is_nothing_to_resume(paths):
    assert resume(*paths, "run", [Variable(1)]) is None


def test_the_one_before_is_kept(paths):
    for step in (1, 2):
        keep(*paths, "run", {"step": step}, [Variable(step)])
    paths[0].unlink()
    assert resume(*paths, "run", [Variable(0)]) == {"step": 1}


def test_one_alone_will_do(paths):
    for step in (1, 2):
        keep(paths[0], None, "run", {"step": step}, [Variable(step)])
    assert resume(paths[0], None, "run", [Variable(0)]) == {"step": 2}
    assert [file.name for file in paths[0].parent.iterdir()] == ["now.npz"]


def test_another_run_and_damage_are_named_and_change_nothing(paths):
    keep(*paths, "run", {"step": 1}, [Variable(1)])
    state = [Variable(7)]
    with pytest.raises(TrainingError, match="another configuration"):
        resume(*paths, "other", state)
    paths[0].write_bytes(paths[0].read_bytes()[:60])
    with pytest.raises(TrainingError, match="Remove it to begin anew"):
        resume(*paths, "run", state)
    assert np.asarray(state[0]) == 7


def test_a_full_disk_leaves_the_last_checkpoint(paths, monkeypatch):
    keep(*paths, "run", {"step": 1}, [Variable(1)])

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(DataError, match="No space left on device. Make room"):
        keep(*paths, "run", {"step": 2}, [Variable(2)])
    assert resume(*paths, "run", [Variable(0)]) == {"step": 1}
