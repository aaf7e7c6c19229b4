"""Layout: ``real/`` and ``fake/`` folders; below ``fake/`` the first folder names the method.

A folder without them holds photographs and clips of real people. On request the folder that a medium lies in names
the person, as in ``real/ANN/1.jpg``, ``fake/METHOD/ANN/1.mp4`` or ``ANN/1.jpg``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from catchlight.datasets.layouts.item import Item
from catchlight.detector.media import is_media

Identity = Literal["none", "folder"]


def items(folder: Path, identity: Identity = "none") -> Iterator[Item]:
    """Iterate over all media below ``folder``, in sorted order.

    Args:
        folder: The folder.
        identity: Whether the folder of a medium names the person; one that lies in no such folder has no identity.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_media(path):
            yield _item(folder, path, identity)


def matches(folder: Path) -> bool:
    """Every folder can be read like this."""
    return folder.is_dir()


def _item(folder: Path, path: Path, identity: Identity) -> Item:
    above = path.relative_to(folder).parts[:-1]
    fake = above[:1] == ("fake",)
    method = above[1] if fake and len(above) > 1 else "unknown"
    people = above[2:] if fake else above[1:] if above[:1] == ("real",) else above
    return Item(
        path,
        None,
        "fake" if fake else "real",
        method if fake else "",
        source=folder.resolve().name,
        identity=people[-1] if people and identity == "folder" else "",
    )
