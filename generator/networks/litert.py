"""Compiled networks opened for use, without TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from catchlight.detector import interpreter
from catchlight.detector.errors import BundleError


def opened(network: Path | bytes, threads: int, unfit: Callable[[str], BundleError]) -> Any:
    """An interpreter of a TFLite file, ready to run.

    Args:
        network: The file, or its bytes.
        threads: Threads for one run.
        unfit: Makes the error of what is wrong.

    Raises:
        BundleError: It can't be read, or holds no network.
    """
    try:
        return interpreter.ready(network if isinstance(network, bytes) else network.read_bytes(), threads)
    except (OSError, ValueError, RuntimeError) as error:
        damage = unfit(str(error))
        raise damage from error


def shape_of(details: dict[str, Any]) -> tuple[int, ...]:
    """The shape of an interpreter's input or output."""
    return tuple(int(n) for n in details["shape"])
