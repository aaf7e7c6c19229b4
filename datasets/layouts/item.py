"""What a layout yields: a medium and what the data set says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from catchlight.datasets.manifest import Label


@dataclass(frozen=True, slots=True)
class Item:
    """One medium of a data set, before faces are looked for.

    Attributes:
        path: Where it lies, or would lie were it not in a shard.
        data: Its bytes where it lies in a shard; None for a file.
        label: ``real`` or ``fake``.
        method: Forgery method; empty for a real one.
        source: The collection.
        identity: The person or what stands for them; empty when unknown.
        clip: The clip that a still was taken from; empty otherwise.
        licence: Of the medium, where the data set states it.
        consent: What the data set says of the person's consent.
    """

    path: Path
    data: bytes | None
    label: Label
    method: str = ""
    source: str = ""
    identity: str = ""
    clip: str = ""
    licence: str = ""
    consent: str = ""
