"""How fast forgeries are made; `catchlight bench` prints it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from catchlight.detector.errors import ConfigError
from catchlight.generator.methods.self_blend import SelfBlend
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


def _made_until(worker: int, end: float) -> int:
    """Number of blends that one worker makes until the clock says ``end``, at least `WARM_UP`."""
    method, portrait, made = SelfBlend(), sample_portrait(SIDE, worker), 0
    while made < WARM_UP or time.perf_counter() < end:
        method(portrait, None, key(worker, str(made)))
        made += 1
    return made
