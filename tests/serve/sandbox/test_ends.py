"""What is told of a child that gave no report; how it comes to that is in test_scorer.py."""

import os
import sys

import pytest

from catchlight.detector.errors import DecoderCrashed, MediaStuck, MediaTookTooLong
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.ends import crashed, over, share, worked


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_work_of_a_process_is_known_and_that_of_none_is_without_end():
    used = os.times()
    assert worked(os.getpid()) == pytest.approx(used.user + used.system, abs=0.1)
    assert worked(2**30) == float("inf")


@pytest.mark.parametrize("progress", [[1, 0], [2, 1], [-1, 4], ["1", 2], [1], None, "12", [1, None]])
def test_progress_that_makes_no_sense_is_none(progress):
    assert share(progress) is None


def test_a_file_without_a_picture_is_told_apart_from_one_that_is_long():
    assert type(over("a.jpg", 10, 2.5, shown=False)) is MediaStuck
    assert type(over("a.mp4", 10, 2.5, shown=True)) is MediaTookTooLong
    assert over("a.jpg", 10, 2.5, shown=False).code == over("a.mp4", 10, 2.5, shown=True).code


def test_the_cause_of_a_crash_is_told():
    assert type(crashed("a.mp4", "SIGXCPU", SandboxConfig())) is MediaTookTooLong
    error = crashed("a.mp4", "SIGSEGV", SandboxConfig())
    assert type(error) is DecoderCrashed
    assert "a.mp4" in str(error)
    assert "SIGSEGV" in str(error)
