from pathlib import Path

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, DataError, UnknownName
from catchlight.generator.motion import training
from catchlight.generator.motion.animator import Animator
from catchlight.generator.motion.moments import is_held_out
from catchlight.generator.motion.training import read_plan, train_motion

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]
TINY = """
[network]
side = 64
width = 4

[training]
steps = 2
batch = 2
every = 1

[data]
moments = 5
sources = ["drawn"]
stills = 4
min_width = 0
"""


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return read_plan(path)


@pytest.fixture(scope="module")
def clips(astronaut, film, tmp_path_factory):
    """Two clips of her drifting, one of them held out."""
    folder = tmp_path_factory.mktemp("clips")
    near = astronaut[:280, 60:400]
    frames = [np.ascontiguousarray(np.roll(near, 4 * n, axis=1)[:256, 20:276]) for n in range(6)]
    for held in (False, True):
        name = next(f"c{i}.mp4" for i in range(99) if is_held_out(f"c{i}.mp4") == held)
        film(folder / name, frames, [0.1 * n for n in range(6)])
    return folder


def test_a_run_ends_with_a_compiled_network_and_its_errors(plan, clips, drawn, tmp_path):
    made = train_motion(plan, clips, tmp_path / "run", drawn)
    assert Animator(made.network).side == 64
    assert made.clips == (1, 1, 0)
    assert 0 < made.errors.picture < made.copied.picture
    assert made.errors.landmarks < made.copied.landmarks
    assert {"motion.npz", "motion.tflite", "log.jsonl", "sheet.png"} <= {
        p.name for p in made.network.parent.iterdir()
    }


def test_stills_are_of_adults_by_name(plan, clips, drawn, tmp_path):
    from dataclasses import replace

    unnamed = replace(plan, data=replace(plan.data, sources=()))
    with pytest.raises(DataError, match="adults only"):
        train_motion(unnamed, clips, tmp_path / "run", drawn)


def test_a_folder_without_people_is_named(plan, tmp_path):
    with pytest.raises(DataError, match="no usable clip"):
        train_motion(plan, tmp_path, tmp_path / "run")


def test_configurations_are_read_and_checked(tmp_path):
    assert read_plan(Path(training.__file__).parent.parent / "configs/motion64.toml").network.side == 64
    path = tmp_path / "wrong.toml"
    path.write_text("[network]\npoints = 3\n")
    with pytest.raises(ConfigError, match="points must be 15, received 3"):
        read_plan(path)
    path.write_text("[training]\nstep = 3\n")
    with pytest.raises(UnknownName, match="did you mean 'steps'"):
        read_plan(path)
    path.write_text("[nets]\n")
    with pytest.raises(ConfigError, match=r"unknown table \[nets\]"):
        read_plan(path)
