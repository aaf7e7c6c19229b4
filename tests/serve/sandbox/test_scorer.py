"""A real child judges real files, and is crashed, starved and hung on purpose."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from catchlight.detector.errors import (
    ConfigError,
    DecoderCrashed,
    MediaNotFound,
    MediaTookTooLong,
    MediaTooLarge,
    NotMedia,
    ServiceError,
    UnknownName,
)
from catchlight.detector.media import Sampling
from catchlight.detector.pipeline import DetectConfig, detect
from catchlight.detector.report import to_dict
from catchlight.serve.sandbox.config import SandboxConfig
from catchlight.serve.sandbox.scorer import Scorer

LINUX = sys.platform.startswith("linux")


@pytest.fixture(scope="module")
def scorer(photograph):
    with Scorer(SandboxConfig(folders=(photograph.parent,))) as scorer:
        yield scorer


@pytest.fixture(scope="module")
def victim(misbehaving, photograph):
    """Loads detectors that misbehave; short limits."""
    before = dict(os.environ)
    os.environ["PYTHONPATH"] = str(misbehaving)
    os.environ["CATCHLIGHT_SECRET"] = "hunter2"
    limits = {"wall_seconds": 30, "cpu_seconds": 2, "folders": (photograph.parent,)}
    with Scorer(SandboxConfig(detectors=("misbehaving:fine",), **limits)) as scorer:
        yield scorer
    os.environ.clear()
    os.environ.update(before)


def judged(scorer, path, act, **options):
    return scorer.score(path, name="holiday.jpg", options={"detector": f"misbehaving:{act}"}, **options)


def test_report_is_that_of_the_pipeline_under_the_owners_name(scorer, photograph):
    answer = scorer.score(photograph, name="holiday.jpg")
    expected = to_dict(detect(photograph))
    expected["media"]["path"] = "holiday.jpg"
    for report in (answer.report, expected):
        del report["timings_ms"]
    assert answer.report == expected
    assert answer.page is None


def test_options_reach_the_pipeline(scorer, photograph):
    answer = scorer.score(photograph, name="holiday.jpg", options={"sampling": {"count": 4}, "page": True})
    assert answer.report["id"] == detect(photograph, DetectConfig(sampling=Sampling(count=4))).id
    assert "<html" in answer.page
    assert "holiday.jpg" in answer.page
    assert str(photograph) not in answer.page
    with pytest.raises(MediaTooLarge, match="10 pixels"):
        scorer.score(photograph, options={"limits": {"max_pixels": 10}})
    assert scorer.score(photograph).report["verdict"]  # limits of one file are not those of the next


def test_errors_are_ours_and_hide_the_path(scorer, photograph):
    for name, content in (("text", b"no picture"), ("half", photograph.read_bytes()[:3000])):
        (photograph.parent / name).write_bytes(content)
    child = scorer.pid
    with pytest.raises(NotMedia, match="^holiday.jpg is neither"):
        scorer.score(photograph.parent / "text", name="holiday.jpg")
    with pytest.raises(MediaNotFound, match="^'holiday.jpg'"):
        scorer.score(photograph.parent / "absent", name="holiday.jpg")
    with pytest.raises(UnknownName, match="did you mean 'sampling'"):
        scorer.score(photograph, options={"samplin": {}})
    with pytest.raises(ConfigError, match="JSON"):
        scorer.score(photograph, options={"page": object()})
    with pytest.raises(ConfigError, match="at most"):
        scorer.score(photograph, name="x" * 20_000)
    assert scorer.pid == child  # none of it needed a new child


@pytest.mark.skipif(not LINUX, reason="Landlock is of Linux")
def test_walls_stand_and_other_folders_are_closed(scorer, photograph, tmp_path):
    scorer.start()
    assert {"memory", "nofile", "fsize", "core", "seccomp"} <= set(scorer.walls)
    if "landlock" not in scorer.walls:
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "secret.jpg").write_bytes(photograph.read_bytes())
    with pytest.raises(MediaNotFound, match="Permission denied"):
        scorer.score(tmp_path / "secret.jpg")


@pytest.mark.parametrize(
    ("act", "error", "match"),
    [
        ("crash", DecoderCrashed, r"holiday\.jpg .*SIGSEGV"),
        ("spin", MediaTookTooLong, "2 s of processor time"),
    ],
)
def test_a_child_that_dies_is_an_error_and_the_next_file_gets_another(victim, photograph, act, error, match):
    with pytest.raises(error, match=match):
        judged(victim, photograph, act)
    assert not victim.alive
    assert judged(victim, photograph, "fine").report["faces"]


def test_a_child_that_hangs_is_killed_in_time(victim, photograph):
    victim.start()
    begin = time.monotonic()
    with pytest.raises(MediaTookTooLong, match="over 1 s"):
        judged(victim, photograph, "hang", seconds=1)
    assert time.monotonic() - begin < 2
    assert not victim.alive


def test_who_watches_may_stop_it(victim, photograph):
    victim.start()

    def watch(share):
        raise ServiceError("cancelled")

    with pytest.raises(ServiceError, match="cancelled"):
        judged(victim, photograph, "hang", watch=watch)
    assert not victim.alive


@pytest.mark.skipif(not LINUX, reason="needs the size of the address space")
def test_memory_is_bounded(victim, photograph):
    with pytest.raises(MediaTooLarge, match="memory"):
        judged(victim, photograph, "eat")


@pytest.mark.skipif(not LINUX, reason="seccomp is of Linux")
def test_what_a_file_that_took_over_the_decoder_can_do(victim, photograph):
    with pytest.raises(DecoderCrashed, match="told") as told:
        judged(victim, photograph, "try_all")
    refused = "'dial': 'Operation not permitted', 'run': 'Operation not permitted', 'write': 'File too large'"
    assert "'secret': None, " + refused in str(told.value)
    if "landlock" in victim.walls:
        closed = "'read': 'Permission denied', 'read in a thread of before': 'Permission denied'"
        assert closed in str(told.value)


def test_a_detector_that_can_not_be_loaded_is_told_at_the_start():
    with pytest.raises(UnknownName, match="did you mean 'mobilenet'"):
        Scorer(SandboxConfig(detectors=("mobilnet",))).start()


def test_the_child_of_a_killed_parent_ends():
    code = (
        "import os, signal\nfrom catchlight.serve.sandbox.scorer import Scorer\n"
        "print(Scorer().start().pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    child = int(done.stdout)
    for _ in range(50):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the child outlived its parent")


def test_the_parent_loads_no_decoder():
    code = (
        "import sys\nfrom catchlight.serve.sandbox.pool import Pool\n"
        "print([m for m in ('av', 'cv2', 'mediapipe', 'PIL', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]"
