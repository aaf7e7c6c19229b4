"""``catchlight worker`` as a process: judges, stops when told, and is killed in the middle of a video."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time

import av
import pytest
from click.testing import CliRunner

from catchlight.serve.cli.main import main
from catchlight.serve.jobs.open import open_store

FRAMES = 250  # of a clip that takes some seconds, all of them looked at
PROGRAM = (sys.executable, "-c", "from catchlight.serve.cli.main import main; main()", "worker")


@pytest.fixture
def started():
    """Starts workers, and ends those that are left."""
    processes = []

    def start(url, *options):
        command = [*PROGRAM, "--jobs", url, *options]
        processes.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stderr.close()


def until(holds, seconds=240):
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


@pytest.fixture
def long_clip(astronaut, tmp_path):
    """A video that takes some seconds to judge densely."""
    path = tmp_path / "long.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 512, 512, "yuv420p"
        for number in range(FRAMES):
            image = astronaut.copy()
            image[:, : number % 40] = number % 256
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        out.mux(stream.encode(None))
    return path


@pytest.mark.slow
def test_killed_in_the_middle_of_a_video_another_one_does_it(started, tmp_path, long_clip):
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    with open_store(url) as store:
        options = {"sampling": {"policy": "dense", "rate": 10.0}}
        job = store.submit(long_clip, options=options, owner="ann", name="long.mp4")
        first = started(url, "--lease", "2")
        seen = until(lambda: (found := store.get(job.id, "ann")).progress > 0 and found)
        assert seen.state == "running"
        assert seen.partial["media"]["frames_sampled"] < FRAMES
        first.kill()

        second = started(url, "--lease", "2")
        done = until(lambda: (found := store.get(job.id, "ann")).state.final and found)
        assert (done.state, done.attempts) == ("done", 2)
        assert done.result["media"]["frames_sampled"] == FRAMES
        second.send_signal(signal.SIGTERM)
        _, said = second.communicate(timeout=30)
        assert second.returncode == 0
        lines = [json.loads(line) for line in said.splitlines()]
        assert any(line["message"].startswith(f"job {job.id} done") for line in lines)
        assert "long.mp4" not in said  # names of files are the owners' affair


@pytest.mark.slow
def test_told_to_stop_it_gives_back_what_takes_too_long(started, tmp_path, long_clip):
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    with open_store(url) as store:
        options = {"sampling": {"policy": "dense", "rate": 10.0}}
        job = store.submit(long_clip, options=options, owner="ann")
        worker = started(url, "--grace", "0.1")
        until(lambda: store.get(job.id, "ann").progress > 0)
        worker.terminate()
        _, said = worker.communicate(timeout=30)
        assert worker.returncode == 0
        assert "given back" in said
        assert store.get(job.id, "ann").state == "queued"


def test_tells_of_the_store_and_ends(tmp_path):
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    said = CliRunner().invoke(main, ["worker", "--jobs", url, "--check"])
    assert said.output.startswith("0 queued, 0 running")
    keys = [
        CliRunner().invoke(main, ["worker", "--jobs", url, "--webhook-secret", "ann"]).output
        for _ in range(2)
    ]
    assert keys[0] == keys[1]
    assert keys[0].startswith("whsec_")


@pytest.mark.parametrize(
    ("url", "status"), [("mysql://host", 2), ("redis://host/0", 2), ("sqlite:////proc/jobs/x", 1)]
)
def test_stores_that_can_not_be_used_are_told_in_one_line(url, status):
    said = CliRunner().invoke(main, ["worker", "--jobs", url])
    assert said.exit_code == status
    assert "Traceback" not in said.output
    assert len(said.output.strip().splitlines()[-1]) > 40


def test_a_detector_that_is_not_there_ends_the_command(tmp_path):
    url = f"sqlite:///{tmp_path}/jobs.sqlite"
    done = subprocess.run(
        [*PROGRAM, "--jobs", url, "--detector", "mobilnet"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "did you mean 'mobilenet'" in done.stderr
