"""A real child judges real files, and is crashed, starved and hung on purpose."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import (
    ConfigError,
    DecoderCrashed,
    MediaNotFound,
    MediaStuck,
    MediaTookTooLong,
    MediaTooLarge,
    NotMedia,
    Overloaded,
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
def slow_picture(photograph):
    """A small file that takes seconds: a progressive JPEG whose last pass comes again and again."""
    pixels = np.random.default_rng(1).integers(0, 255, (300, 300, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).resize((2400, 2400), Image.Resampling.NEAREST).save(out, "JPEG", progressive=True)
    data = out.getvalue()
    last = data.rindex(b"\xff\xda")
    path = photograph.parent / "slow"
    path.write_bytes(data[:last] + data[last:-2] * 1500 + data[-2:])
    return path


@pytest.fixture(scope="module")
def victim(misbehaving, photograph):
    """Loads detectors that misbehave; short limits."""
    before = dict(os.environ)
    os.environ["PYTHONPATH"] = os.pathsep.join([str(misbehaving), before.get("PYTHONPATH", "")])
    os.environ["CATCHLIGHT_SECRET"] = "hunter2"
    limits = {"wall_seconds": 30, "cpu_seconds": 1, "folders": (photograph.parent,)}
    with Scorer(SandboxConfig(detectors=("misbehaving:fine",), **limits)) as scorer:
        yield scorer
    os.environ.clear()
    os.environ.update(before)


def judged(scorer, path, act, **options):
    return scorer.score(path, name="holiday.jpg", options={"detector": f"misbehaving:{act}"}, **options)


@pytest.mark.slow
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
        pytest.param("spin", MediaTookTooLong, "1 s of processor time", marks=pytest.mark.slow),
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


@pytest.mark.slow
def test_a_picture_that_is_made_to_be_slow_is_told_in_time_by_the_clock(scorer, slow_picture, photograph):
    scorer.start()
    begin = time.monotonic()
    with pytest.raises((MediaStuck, Overloaded), match=r"holiday\.jpg .* within 0.5 s"):
        scorer.score(slow_picture, name="holiday.jpg", picture=0.5)
    assert time.monotonic() - begin < 2
    assert scorer.score(photograph).report["faces"]


@pytest.mark.slow
@pytest.mark.skipif(not LINUX, reason="reads processor time from /proc")
def test_a_file_that_got_no_processor_is_not_blamed_and_its_child_goes_on(scorer, photograph):
    def starve():
        os.kill(scorer.start().pid, signal.SIGSTOP)
        with pytest.raises(Overloaded, match="busy"):
            scorer.score(photograph, picture=0.2)
        assert scorer.owes
        os.kill(scorer.pid, signal.SIGCONT)

    starve()
    child = scorer.pid
    scorer.settle()
    assert scorer.score(photograph).report["faces"]
    assert scorer.pid == child
    starve()
    assert scorer.score(photograph).report["faces"]  # not settled, so the next file gets another child
    assert scorer.pid != child


@pytest.mark.slow
def test_who_watches_may_stop_it(victim, photograph):
    victim.start()

    def watch(share):
        raise ServiceError("cancelled")

    with pytest.raises(ServiceError, match="cancelled"):
        judged(victim, photograph, "hang", watch=watch)
    assert not victim.alive


@pytest.mark.slow
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


@pytest.mark.slow
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
