"""Speed and memory, as ratios measured in one run, because machines differ and are noisy.

The media are made on the spot from scikit-image's public-domain photograph.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from catchlight.detector.errors import CatchlightError
from catchlight.detector.pipeline import DetectConfig, Pipeline
from catchlight.detector.types import Pixels
from catchlight.serve import demo

REPEATS = 7
CLIP_SECONDS, RATE, SIZE = 10, 25, (1280, 720)
SIZES = {"360p": (640, 360), "720p": SIZE, "1080p": (1920, 1080)}


# The child tells its own peak: what a parent reads of a child includes the parent's memory at the fork.
CHILD = """
import re
from catchlight.serve.cli.main import main
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
"""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One line of the bench: what, the value, its unit, and the goal that it is held against."""

    what: str
    value: float
    unit: str
    goal: str


def measure(folder: Path, detector: str = "mobilenet") -> tuple[Measurement, ...]:
    """Measure everything.

    Args:
        folder: Where the media are made.
        detector: Which detector.
    """
    photo, clip = _photograph(folder / "photo.jpg"), _clip(folder / "clip.mp4")
    results = list(_warm(photo, clip, detector))
    results += _cues(folder, detector)
    results += _cold(photo, clip, detector)
    return tuple(results)


def _warm(photo: Path, clip: Path, detector: str) -> list[Measurement]:
    with Pipeline(DetectConfig(detector=detector, cues=())) as pipeline:
        still = median(lambda: pipeline.analyse(photo))
        verdict, decode = paired(lambda: pipeline.analyse(clip), lambda: decode_once(clip))
        parts = pipeline.analyse(clip).report.timings_ms
    spent = [Measurement(f"  of it {name}", value, "ms", "") for name, value in parts.items()]
    return [
        Measurement("photograph 640x480, warm", still * 1e3, "ms", "40"),
        Measurement("clip 10 s 720p, verdict", verdict * 1e3, "ms", ""),
        *spent,
        Measurement("clip 10 s 720p, decoding once", decode * 1e3, "ms", ""),
        Measurement("verdict / decoding once", verdict / decode, "x", "1.5"),
    ]


def _cues(folder: Path, detector: str) -> list[Measurement]:
    """What all cues add to a verdict, at several sizes: they share its pass over the file, so the rest is told."""
    ratios = []
    with (
        Pipeline(DetectConfig(detector=detector)) as whole,
        Pipeline(DetectConfig(detector=detector, cues=())) as plain,
    ):
        for name, size in SIZES.items():
            clip = _clip(folder / f"{name}.mp4", size)
            turns = [_turn(clip, whole, plain) for _ in range(REPEATS + 1)][1:]
            with_cues, without, decode = (statistics.median(times) for times in zip(*turns, strict=True))
            ratios.append(
                Measurement(f"all cues / decoding once, {name}", (with_cues - without) / decode, "x", "1")
            )
    return ratios


def _turn(clip: Path, whole: Pipeline, plain: Pipeline) -> tuple[float, float, float]:
    """Seconds of a verdict with cues, of one without, and of decoding once, one after the other."""
    return (
        _seconds(lambda: whole.analyse(clip)),
        _seconds(lambda: plain.analyse(clip)),
        _seconds(lambda: decode_once(clip)),
    )


def _cold(photo: Path, clip: Path, detector: str) -> list[Measurement]:
    """A new process for each: start-up counts, and memory is its own."""
    command = [sys.executable, "-c", CHILD]
    start, _ = _child([*command, "--help"])
    first, _ = _child([*command, "detect", str(photo), "--detector", detector])
    _, memory = _child([*command, "detect", str(clip), "--detector", detector])
    return [
        Measurement("catchlight --help", start * 1e3, "ms", ""),
        Measurement("command and first verdict", first * 1e3, "ms", ""),
        Measurement("peak memory, clip 720p", memory, "MB", "400"),
    ]


def _child(command: list[str]) -> tuple[float, float]:
    """Seconds and peak megabytes of a command that ends with its peak in kilobytes as the last word."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CatchlightError(f"{' '.join(command)} failed with {done.returncode}: {done.stderr[-500:]}")
    return time.perf_counter() - start, int(done.stdout.split()[-1]) / 1024


def median(work: Callable[[], object]) -> float:
    """Median seconds of `REPEATS` runs after one to warm up."""
    work()
    return statistics.median(_seconds(work) for _ in range(REPEATS))


def paired(first: Callable[[], object], second: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of two pieces of work, run in turns so that noise meets both."""
    first()
    second()
    pairs = [(_seconds(first), _seconds(second)) for _ in range(REPEATS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def decode_once(clip: Path) -> int:
    """Decode every frame of a clip with PyAV, with its threads, as the yardstick; returns their number."""
    import av

    with av.open(str(clip)) as container:
        container.streams.video[0].thread_type = "AUTO"
        return sum(1 for _ in container.decode(video=0))


def _photograph(path: Path) -> Path:
    image = cv2.resize(demo.photograph()[:384], (640, 480), interpolation=cv2.INTER_AREA)
    Image.fromarray(np.asarray(image, np.uint8)).save(path, quality=92)
    return path


def _clip(path: Path, size: tuple[int, int] = SIZE) -> Path:
    """The photograph drifting over a grainy background: grain makes decoding cost what it does in real clips."""
    import av

    rng = np.random.default_rng(1)
    person = np.asarray(cv2.resize(demo.photograph(), (size[1], size[1])), np.uint8)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"crf": "23", "g": "250"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(CLIP_SECONDS * RATE):
            frame = av.VideoFrame.from_ndarray(_scene(person, number, rng, size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def _scene(person: Pixels, number: int, rng: np.random.Generator, size: tuple[int, int]) -> Pixels:
    width, height = size
    scene = np.full((height, width, 3), 96, np.int16)
    left = (width - height) // 2 + round(height / 12 * np.sin(number / 20))
    scene[:, left : left + height] = person
    grain = rng.normal(0, 4, (height, width, 1)).astype(np.int16)
    return np.clip(scene + grain, 0, 255).astype(np.uint8)
