"""Contact sheets: what a forgery method makes of one face, so that a person can look at it."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from catchlight.detector.types import Pixels
from catchlight.generator.types import Forgery, Method, Portrait, key

TITLE = 18  # height of a row's title in pixels


def draw(portrait: Portrait, methods: Mapping[str, Method], columns: int = 4, seed: int = 1) -> Pixels:
    """Draw a sheet: a row for each method, each forgery beside its mask, the untouched face first.

    Args:
        portrait: The face, aligned.
        methods: Title to method.
        columns: Forgeries in a row.
        seed: Of the forgeries.

    Returns:
        RGB uint8, shape (rows * (side + TITLE), (1 + 2 * columns) * side, 3).
    """
    return np.vstack([_row(portrait, title, method, columns, seed) for title, method in methods.items()])


def _row(portrait: Portrait, title: str, method: Method, columns: int, seed: int) -> Pixels:
    tiles = [portrait.image]
    for number in range(columns):
        tiles += _tiles(method(portrait, None, key(seed, f"{title}/{number}")))
    row = np.hstack(tiles)
    head = np.full((TITLE, row.shape[1], 3), 255, np.uint8)
    cv2.putText(head, title, (4, TITLE - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([head, row])


def _tiles(forgery: Forgery) -> list[Pixels]:
    mask = np.round(forgery.mask * 255).astype(np.uint8)
    return [forgery.image, np.repeat(mask[..., None], 3, axis=2)]
