"""How judging a file can end without a report: what a child used, and the error that its owner is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from catchlight.detector.errors import (
    CatchlightError,
    DecoderCrashed,
    MediaStuck,
    MediaTookTooLong,
    Overloaded,
)
from catchlight.serve.sandbox.config import SandboxConfig


def worked(pid: int | None) -> float:
    """Seconds of the processor that a process has used; without end where that is unknown, so that the file is blamed.

    Example:
        >>> worked(None)
        inf
    """
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(said[11]) + int(said[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return float("inf")


def share(progress: Any) -> float | None:
    """Frames done over all; None where their number isn't known.

    Example:
        >>> share([3, 4]), share([3, None])
        (0.75, None)
    """
    match progress:
        case [int(done), int(total)] if 0 <= done <= total and total > 0:
            return done / total
    return None


def over(name: str, limit: float, picture: float, shown: bool) -> MediaTookTooLong:
    """The time is over: all of it, or that of the first picture, where none was ``shown``."""
    if shown:
        return MediaTookTooLong(
            f"judging {name} took over {limit:g} s; shorten it, scale it down or ask for fewer frames."
        )
    return MediaStuck(
        f"{name} showed no picture within {picture:g} s: it is damaged, or made to be slow. Export it again from "
        "its source, or scale it down."
    )


def starved(name: str, limit: float) -> Overloaded:
    """The time is over, and the file had too little of the processor to be blamed."""
    return Overloaded(
        f"the machine is too busy: {name} was not looked at within {limit:g} s; come again", limit
    )


def crashed(name: str, cause: str, config: SandboxConfig) -> CatchlightError:
    """The child is gone.

    Args:
        name: The file.
        cause: A signal's name or an exit status.
        config: The child's limits.
    """
    if cause == "SIGXCPU":
        return MediaTookTooLong(
            f"{name} took over {config.cpu_seconds:g} s of processor time; shorten it or scale it down."
        )
    return DecoderCrashed(
        f"judging {name} ended the process that did it ({cause}): the file is damaged or hostile, or needs over "
        f"{config.memory >> 20:,} MB. Export it again from its source, or scale it down."
    )
