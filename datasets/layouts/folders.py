"""Layout: ``real/`` and ``fake/`` folders; below ``fake/`` the first folder names the method.

A folder without them holds photographs and clips of real people.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from catchlight.datasets.layouts.item import Item
from catchlight.detector.media import is_media


def items(folder: Path) -> Iterator[Item]:
    """Iterate over all media below ``folder``, in sorted order; the identity is unknown."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_media(path):
            parts = path.relative_to(folder).parts
            fake = parts[0] == "fake"
            method = parts[1] if fake and len(parts) > 2 else "unknown"
            yield Item(
                path, None, "fake" if fake else "real", method if fake else "", source=folder.resolve().name
            )


def matches(folder: Path) -> bool:
    """Every folder can be read like this."""
    return folder.is_dir()
