"""How fast forgeries are made; `catchlight bench` prints it."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from catchlight.datasets import files, hashes, manifest
from catchlight.datasets.faces import LANDMARKS, Store, open_store
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import ConfigError
from catchlight.generator.make import encode
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.recipe import Head, MethodShare, Recipe
from catchlight.generator.run import run
from catchlight.generator.testing import sample_portrait
from catchlight.generator.types import key

SIDE = 256
WARM_UP = 3  # forgeries before the clock starts: OpenCV picks its code paths on the first ones


def self_blend_rate(seconds: float = 3.0, workers: int = 2) -> float:
    """Self-blends a second at 256 px, with all mask kinds and alterations as training draws them.

    Forging alone: reading, cutting and the history that both members of a pair share are not in it. Workers are
    threads, because NumPy and OpenCV release the interpreter's lock.

    Args:
        seconds: How long to measure.
        workers: Number of threads.

    Raises:
        ConfigError: If either is not above zero.
    """
    if seconds <= 0 or workers < 1:
        raise ConfigError(f"a rate needs seconds and workers above zero; received {seconds} and {workers}")
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(_made_until, range(workers), [time.perf_counter()] * workers))
        started = time.perf_counter()
        made = sum(pool.map(_made_until, range(workers), [started + seconds] * workers))
        return made / (time.perf_counter() - started)


def recipe_rate(samples: int = 400, workers: int = 2) -> float:
    """Samples a second of a whole run: self-blends at 256 px from a store on disk to files on disk.

    Each sample is read, cut, forged, sent through its history with its real partner, hashed and written. The clock runs
    from the first finished chunk on: starting the workers takes seconds, once, however long the run.

    Args:
        samples: How many are made.
        workers: Number of processes.

    Raises:
        ConfigError: If there are too few samples to measure a rate on.
    """
    if samples < 64 or workers < 1:
        raise ConfigError(f"a rate needs 64 samples and a worker at least; received {samples} and {workers}")
    recipe = Recipe(Head("bench", side=SIDE, count=samples), (MethodShare("self_blend"),))
    times: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        # Each face twice: 10,000 samples drew 5,359 faces of a store of 12,632.
        store = drawn_store(Path(folder) / "faces", people=16, frames=max(2, samples // 32))
        run(
            recipe,
            store.folder,
            Path(folder) / "set",
            workers=workers,
            progress=lambda made, _: times.append((time.perf_counter(), made)),
        )
    (start, before), (end, after) = times[0], times[-1]
    return (after - before) / (end - start)


def drawn_store(folder: Path, people: int = 4, frames: int = 2, side: int = 320) -> Store:
    """A store of drawn faces, each person a clip: for tests and benches, where nobody real is needed.

    Args:
        folder: Where to make it.
        people: How many; every fourth is held out for validation.
        frames: Pictures of each.
        side: Of the pictures in pixels.
    """
    rows, landmarks = [], []
    for number in range(people * frames):
        portrait, (person, frame) = sample_portrait(side, number), divmod(number, frames)
        data, path = encode(portrait.image, "jpeg"), f"images/drawn/{person:03d}__{frame}.jpg"
        files.write(folder / path, data)
        landmarks.append(portrait.landmarks)
        rows.append(
            Sample(
                path,
                "real",
                source="drawn",
                identity=f"p{person}",
                clip=f"c{person}",
                kind="video",
                split="val" if person % 4 == 3 else "train",
                sha256=hashes.of_bytes(data),
            )
        )
    np.save(folder / LANDMARKS, np.stack(landmarks))
    manifest.write(folder / manifest.FILENAME, rows)
    return open_store(folder)


def _made_until(worker: int, end: float) -> int:
    """Number of blends that one worker makes until the clock says ``end``, at least `WARM_UP`."""
    method, portrait, made = SelfBlend(), sample_portrait(SIDE, worker), 0
    while made < WARM_UP or time.perf_counter() < end:
        method(portrait, None, key(worker, str(made)))
        made += 1
    return made
