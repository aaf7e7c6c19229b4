import json

import numpy as np
import pytest

from catchlight.generator.networks import motion
from catchlight.generator.networks.motion import MotionConfig
from catchlight.generator.networks.runs import Course
from catchlight.generator.networks.train_motion import motion_loss, train

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]
TINY = MotionConfig(side=32, points=2, width=4)
QUICK = Course(steps=4, batch=2, every=2, rate=2e-3, last_rate=1e-3)


class Brighter:
    """Nothing moves, but all becomes brighter; coarse pictures, as a tiny painter has no fine brush."""

    def batch(self, rng, size):
        coarse = rng.uniform(60, 120, (size, 2, 2, 3)).astype(np.float32)
        source = coarse.repeat(16, axis=1).repeat(16, axis=2)
        maps = np.tile(np.float32([1, 0, 0, 0, 1, 0]), (size, 2, 1))
        places, opening = np.zeros((size, 2, 2), np.float32), np.ones((size, 32, 32, 1), np.float32)
        wanted = np.concatenate([(source + 60) / 255, np.ones((size, 32, 32, 1), np.float32)], axis=-1)
        return [source, maps, places, opening], wanted


def judge(model):
    """The painted picture alone: what is only bent can't become brighter."""
    inputs, wanted = Brighter().batch(np.random.default_rng(9), 8)
    return {"score": -float(np.abs(np.asarray(model(inputs))[..., :3] - wanted[..., :3]).mean())}


def scores(folder):
    return [json.loads(line)["score"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_stopped_it_goes_on_and_ends_where_an_unbroken_run_ends(tmp_path):
    def stop(_measured):
        raise KeyboardInterrupt

    train(TINY, QUICK, Brighter(), tmp_path / "whole", judge)
    with pytest.raises(KeyboardInterrupt):
        train(TINY, QUICK, Brighter(), tmp_path / "parts", judge, report=stop)
    train(TINY, QUICK, Brighter(), tmp_path / "parts", judge)
    assert scores(tmp_path / "parts") == pytest.approx(scores(tmp_path / "whole"), rel=1e-3)
    assert motion.load(tmp_path / "parts" / "motion.npz")[1] == TINY


@pytest.mark.slow
def test_it_learns_to_paint(tmp_path, traced):
    train(TINY, Course(steps=120, batch=4, every=60, rate=3e-3, last_rate=1e-3), Brighter(), tmp_path, judge)
    assert -scores(tmp_path)[-1] < 60 / 255 / 4  # copying the picture is 60 grey levels off


def test_the_loss_is_least_for_the_picture_itself():
    rng = np.random.default_rng(1)
    wanted = rng.uniform(0, 1, (1, 32, 32, 4)).astype(np.float32)
    same = np.concatenate([wanted[..., :3], wanted[..., :3], np.zeros((1, 32, 32, 3), np.float32)], axis=-1)
    other = same + np.float32(0.2)
    assert float(np.asarray(motion_loss(wanted, same))) == pytest.approx(0, abs=1e-5)
    assert float(np.asarray(motion_loss(wanted, other))) > 0.2
