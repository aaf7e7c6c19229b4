"""Compiled networks made ready to run by LiteRT, in silence."""

from __future__ import annotations

import os
from typing import Any

from catchlight.detector.quiet import quiet_native_logs


def ready(source: str | os.PathLike[str] | bytes, threads: int) -> Any:
    """An interpreter with its tensors in place.

    Args:
        source: Path of a TFLite file, which is mapped and not copied, so that processes share its pages; or its bytes.
        threads: Threads for one run.

    Raises:
        ValueError: It is no network, or can't be read; LiteRT also says so by RuntimeError.

    Example:
        >>> ready(b"no network", threads=1)
        Traceback (most recent call last):
        ...
        ValueError: The model is not a valid Flatbuffer buffer
    """
    from ai_edge_litert.interpreter import Interpreter

    named = {"model_content": source} if isinstance(source, bytes) else {"model_path": str(source)}
    with quiet_native_logs():
        interpreter = Interpreter(**named, num_threads=threads)
        interpreter.allocate_tensors()
    return interpreter
