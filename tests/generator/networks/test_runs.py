"""What all runs have in common, on a run without a network."""

import json
import math

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, DataError, TrainingError
from catchlight.generator.networks import runs
from catchlight.generator.networks.runs import Course, Run

pytestmark = pytest.mark.train
COURSE = Course(steps=6, batch=2, every=2, patience=9, gain=0.0, rate=1.0, last_rate=0.5)


class Variable:
    """As much of a Keras variable as a checkpoint uses."""

    def __init__(self, value):
        self.value = np.float64(value)

    def assign(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype)


class Walk(Run):
    """A sum of drawn numbers."""

    broken_at = None

    def __init__(self, course, folder):
        super().__init__(course, folder, [{"kind": "walk"}])
        self.at = Variable(0.0)

    @property
    def model(self):
        return self.at

    def learn(self):
        self.at.assign(self.at.value + self.draws(self.step).normal())
        return math.nan if self.step == self.broken_at else float(self.at.value)

    def save(self):
        (self.folder / "best").write_text(repr(float(self.at.value)))

    def state(self):
        return [self.at]


def scored(model):
    return {"score": float(np.asarray(model)), "other": 1.0}


def go(folder, course=COURSE, judge=scored, report=None, kind=Walk):
    runs.go(
        lambda: kind(course, folder),
        course.seed,
        folder,
        judge,
        lambda _: np.zeros((4, 4, 3), np.uint8),
        report,
    )


def log(folder):
    return [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    go(folder)
    return folder


def test_a_run_leaves_its_best_a_sheet_a_log_and_a_checkpoint(whole):
    lines = log(whole)
    assert [line["step"] for line in lines] == [2, 4, 6]
    assert [line["seen"] for line in lines] == [4, 8, 12]
    assert lines[0]["found"] == {"other": 1.0}
    best = max(lines, key=lambda line: line["score"])
    assert float((whole / "best").read_text()) == best["score"]
    assert (whole / "sheet.png").exists()


@pytest.mark.parametrize("after", [2, 4])
def test_stopped_it_goes_on_and_ends_where_an_unbroken_run_ends(whole, tmp_path, after):
    def stop(measured):
        if measured.step == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(tmp_path, report=stop)
    go(tmp_path)
    assert [line["score"] for line in log(tmp_path)] == [line["score"] for line in log(whole)]
    assert (tmp_path / "best").read_text() == (whole / "best").read_text()


def test_it_stops_where_nothing_is_gained(tmp_path):
    course = Course(steps=50, every=1, patience=3, gain=10.0)
    go(tmp_path, course)
    assert log(tmp_path)[-1]["step"] == 4  # the first one is a gain over nothing


def test_what_is_not_finite_stops_it_and_the_checkpoint_stays(whole, tmp_path):
    broken = type("Broken", (Walk,), {"broken_at": 3})
    with pytest.raises(TrainingError, match="the loss is nan at step 3; lower the rate"):
        go(tmp_path, kind=broken)
    go(tmp_path)
    assert [line["score"] for line in log(tmp_path)] == [line["score"] for line in log(whole)]


def test_a_damaged_checkpoint_is_named_and_the_one_before_it_serves(whole, tmp_path):
    for name in (runs.CHECKPOINT, runs.PREVIOUS):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    (tmp_path / runs.CHECKPOINT).write_bytes(b"PK cut off")
    with pytest.raises(TrainingError, match=r"then goes on from .*previous"):
        go(tmp_path)
    (tmp_path / runs.CHECKPOINT).unlink()
    go(tmp_path)
    assert log(tmp_path)[-1]["step"] == 6


def test_a_checkpoint_of_another_course_is_refused(whole, tmp_path):
    (tmp_path / runs.CHECKPOINT).write_bytes((whole / runs.CHECKPOINT).read_bytes())
    with pytest.raises(TrainingError, match="another configuration"):
        go(tmp_path, Course(steps=6, batch=4, every=2))


def test_a_full_disk_loses_nothing(whole, tmp_path, monkeypatch):
    course = COURSE

    def full(measured):
        if measured.step == 2:
            monkeypatch.setattr(np, "savez", no_room)

    def no_room(*_args, **_options):
        raise OSError(28, "No space left on device")

    with pytest.raises(DataError, match="No space left on device. Make room"):
        go(tmp_path, course, report=full)
    monkeypatch.undo()
    go(tmp_path)
    assert [line["score"] for line in log(tmp_path)] == [line["score"] for line in log(whole)]


def test_two_runs_in_one_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="another run"):
        go(tmp_path, report=lambda _: go(tmp_path))


def test_the_rate_falls_from_first_to_last():
    assert [round(COURSE.rate_at(step), 2) for step in (0, 3, 6)] == [1.0, 0.75, 0.5]


def test_wrong_numbers_are_refused():
    with pytest.raises(ConfigError, match="at least 1"):
        Course(every=0)
