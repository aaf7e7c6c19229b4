"""Silence for native libraries that write to standard error while they start.

LiteRT and TensorFlow's converter log through C++, past Python's `logging`; on a terminal that hides our own
words, and in a pipe it breaks programs that take any standard error for a failure.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet_native_logs() -> Iterator[None]:
    """Nothing that is written to the process's standard error appears; Python's own errors still rise.

    The whole process is silent meanwhile, other threads included: keep the block short.
    """
    sys.stderr.flush()
    saved, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(sink)
