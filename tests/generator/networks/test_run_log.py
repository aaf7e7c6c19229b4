import json

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import DataError
from catchlight.generator.networks import run_log


def steps(path):
    return [json.loads(line)["step"] for line in path.read_text().splitlines()]


def test_what_was_measured_after_the_last_checkpoint_is_left_out(tmp_path):
    path = tmp_path / "log.jsonl"
    run_log.cut(path, 4)  # nothing there yet
    for step in (2, 4, 6):
        run_log.add(path, {"step": step, "loss": 0.5})
    path.write_text(path.read_text() + '{"step": 3, "lo')  # as a kill leaves it
    run_log.cut(path, 4)
    assert steps(path) == [2, 4]


def test_the_picture_can_be_looked_at(tmp_path):
    run_log.show(tmp_path / "sheet.png", np.full((4, 6, 3), 9, np.uint8))
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (6, 4)


def test_what_cannot_be_written_is_named(tmp_path):
    with pytest.raises(DataError, match="can't be written"):
        run_log.add(tmp_path / "no folder" / "log.jsonl", {"step": 1})
