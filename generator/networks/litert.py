"""Compiled networks opened for use, without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from catchlight.detector.errors import BundleError
from catchlight.detector.quiet import quiet_native_logs


def opened(network: Path | bytes, threads: int, unfit: Callable[[str], BundleError]) -> Any:
    """An interpreter of a TFLite file, ready to run.

    Args:
        network: The file, or its bytes.
        threads: Threads for one run.
        unfit: Makes the error of what is wrong.

    Raises:
        BundleError: It can't be read, or holds no network.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        data = network if isinstance(network, bytes) else network.read_bytes()
        with quiet_native_logs():
            interpreter = Interpreter(model_content=data, num_threads=threads)
            interpreter.allocate_tensors()
    except (OSError, ValueError, RuntimeError) as error:
        damage = unfit(str(error))
        raise damage from error
    return interpreter


def shape_of(details: dict[str, Any]) -> tuple[int, ...]:
    """The shape of an interpreter's input or output."""
    return tuple(int(n) for n in details["shape"])
