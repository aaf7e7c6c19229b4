import json
from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, TrainingError
from catchlight.generator.networks import gan
from catchlight.generator.networks.gan import GanConfig
from catchlight.generator.networks.runs import Course
from catchlight.generator.networks.train_gan import Rules, drawn, train

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]
TINY = GanConfig(side=32, latent=8, generator=8, discriminator=4)
QUICK = Course(steps=4, batch=4, every=2, rate=2e-3, last_rate=1e-3)
NOISE = np.random.default_rng(3).standard_normal((6, TINY.latent), np.float32)


@pytest.fixture(scope="module")
def faces():
    """Pictures of one colour, of which there are two: enough to tell whether anything is learned."""
    colours = np.random.default_rng(1).choice(np.array([[200, 60, 60], [60, 60, 200]], np.uint8), 40)
    return np.broadcast_to(colours[:, None, None], (40, 32, 32, 3)).copy()


def judge(model):
    return {"score": float(drawn(model, NOISE).std())}


@pytest.fixture(scope="module")
def whole(faces, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    train(TINY, Rules(), QUICK, faces, folder, judge)
    return folder


def scores(folder):
    return [json.loads(line)["score"] for line in (folder / "log.jsonl").read_text().splitlines()]


def test_stopped_it_goes_on_and_ends_where_an_unbroken_run_ends(whole, faces, tmp_path):
    def stop(_measured):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY, Rules(), QUICK, faces, tmp_path, judge, report=stop)
    train(TINY, Rules(), QUICK, faces, tmp_path, judge)
    assert scores(tmp_path) == pytest.approx(scores(whole), rel=0.02)
    one, two = (
        drawn(gan.load(folder / "generator.npz")[0], NOISE).astype(int) for folder in (tmp_path, whole)
    )
    assert np.abs(one - two).max() <= 3


@pytest.mark.slow
def test_it_learns_the_colours(faces, tmp_path, traced):
    course = Course(steps=250, batch=8, every=250, rate=2e-3, last_rate=1e-3)
    train(TINY, Rules(average=0.9), course, faces, tmp_path, judge)
    made = drawn(gan.load(tmp_path / "generator.npz")[0], NOISE).astype(float).mean(axis=(1, 2))
    apart = np.abs(made[:, None] - np.array([[200, 60, 60], [60, 60, 200]])).max(axis=-1).min(axis=1)
    assert np.median(apart) < 60  # grey, where it began, is 70 to 80 away
    assert abs(made[:, 1].mean() - 60) < 40


def test_pictures_that_are_not_finite_stop_it(faces, tmp_path, monkeypatch):
    train(TINY, Rules(), replace(QUICK, steps=2), faces, tmp_path, judge)
    monkeypatch.setattr("catchlight.generator.networks.train_gan.SHAKE", np.float32(np.nan))
    (tmp_path / "checkpoint.npz").unlink()
    with pytest.raises(TrainingError, match="the loss is nan at step 0"):
        train(TINY, Rules(), QUICK, faces, tmp_path, judge)


def test_rules_out_of_range_are_refused():
    with pytest.raises(ConfigError, match="average from 0 to below 1"):
        Rules(average=1.0)
