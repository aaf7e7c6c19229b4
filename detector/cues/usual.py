"""Whether a cue is usual in real people. Light, for pages and processes that load no numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catchlight.detector.types import Cue

TRUSTED = 0.4  # quality from which on a value outside the normal range is told as a reason


def outside(cue: Cue) -> str:
    """``low`` or ``high`` where a value, with all of its interval, lies outside the normal range; else empty."""
    if cue.status != "ok" or cue.value is None or cue.normal is None:
        return ""
    low, high = cue.interval or (cue.value, cue.value)
    if high < cue.normal[0]:
        return "low"
    return "high" if low > cue.normal[1] else ""
