"""Options that forgery methods have in common."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from catchlight.detector.errors import UnknownName


class Choice:
    """An option that names one of several, or leaves it to be drawn for each face.

    Args:
        option: What it is called.
        name: The name, or None to draw one.
        valid: All names.

    Raises:
        UnknownName: No such name; the message lists the valid ones.

    Example:
        >>> Choice("part", "mouth", ("eyes", "mouth")).draw(np.random.default_rng(1))
        'mouth'
    """

    def __init__(self, option: str, name: str | None, valid: Collection[str]) -> None:
        if name is not None and name not in valid:
            raise UnknownName(option, name, valid)
        self.name, self.valid = name, tuple(valid)

    def draw(self, rng: np.random.Generator, weights: Collection[float] | None = None) -> str:
        """The name; without one, one of all, by their weights or alike."""
        return self.name or str(rng.choice(self.valid, p=None if weights is None else list(weights)))
