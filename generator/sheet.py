"""Contact sheets: what forgery methods make of one face, so that a person can look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from catchlight.detector.types import Pixels
from catchlight.generator.types import Forgery, Method, Portrait, key

TITLE = 18  # height of a row's title in pixels
SEAM = np.array([255, 120, 0], np.float32)  # colour of the boundary in the picture of a mask


def draw(
    portrait: Portrait,
    methods: Mapping[str, Sequence[Method]],
    source: Portrait | None = None,
    seed: int = 1,
    vary: bool = True,
) -> Pixels:
    """Draw a sheet: a row for each title, each forgery beside its mask, the untouched face first.

    Args:
        portrait: The face, aligned.
        methods: Title to the methods of a row, one a column, the same number in each row; the same one several
            times shows how it varies, several hardnesses of it show its dial.
        source: The face that methods with ``needs_source`` put in, of the same side; such a row shows it second.
        seed: Of the forgeries.
        vary: Whether each column of a row has a key of its own, or all the same.

    Returns:
        RGB uint8, shape (rows * (side + TITLE), (2 + 2 * columns) * side, 3). A mask is white where the picture was
        replaced, with the boundary (`Forgery.boundary`) in orange.

    Raises:
        ConfigError: If a method needs a source and there is none.
    """
    return np.vstack([_row(portrait, source, title, row, seed, vary) for title, row in methods.items()])


def _row(
    portrait: Portrait, source: Portrait | None, title: str, methods: Sequence[Method], seed: int, vary: bool
) -> Pixels:
    given = [source if getattr(method, "needs_source", False) else None for method in methods]
    shown = next((face.image for face in given if face), np.full_like(portrait.image, 255))
    tiles = [portrait.image, shown]
    for number, (method, face) in enumerate(zip(methods, given, strict=True)):
        tiles += _tiles(method(portrait, face, key(seed, f"{title}/{number if vary else 0}")))
    row = np.hstack(tiles)
    head = np.full((TITLE, row.shape[1], 3), 255, np.uint8)
    cv2.putText(head, title, (4, TITLE - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([head, row])


def _tiles(forgery: Forgery) -> list[Pixels]:
    white, seam = forgery.mask[..., None] * np.float32(255), forgery.boundary[..., None]
    return [forgery.image, np.round(white * (1 - seam) + SEAM * seam).astype(np.uint8)]
