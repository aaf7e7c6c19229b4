"""The hardness dial of forgery methods: one number, from easy to see (0) to as good as the method can make it (1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from catchlight.detector.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Dial:
    """Where in its range each strength of a method lies.

    What says how visible a forgery is, follows the dial; what says which forgery it is (kind of mask, direction, sign),
    is drawn as ever. A set dial draws as many numbers as an open one, so one key gives one forgery in several
    hardnesses.

    Attributes:
        hardness: 0 to 1, or None to draw every strength from its whole range.

    Raises:
        ConfigError: If it is neither.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> Dial(0.25).uniform(rng, 1.0, 5.0, hard="low")
        4.0
    """

    hardness: float | None = None

    def __post_init__(self) -> None:
        if self.hardness is not None and not 0 <= self.hardness <= 1:
            raise ConfigError(
                f"hardness must be from 0 (easy to see) to 1 (as good as the method can), or None to draw; "
                f"received {self.hardness}"
            )

    def uniform(
        self, rng: np.random.Generator, low: float, high: float, hard: Literal["low", "high"]
    ) -> float:
        """A strength from ``low`` to ``high``, whose end ``hard`` is the least visible: drawn, or set by the dial."""
        drawn = float(rng.uniform(low, high))
        return self.fixed(drawn, *((high, low) if hard == "low" else (low, high)))

    def choice(self, rng: np.random.Generator, values: Sequence[float]) -> float:
        """One of ``values``, given in order from the least visible: drawn, or set by the dial."""
        drawn = float(rng.choice(values))
        return drawn if self.hardness is None else values[round((1 - self.hardness) * (len(values) - 1))]

    def fixed(self, usual: float, easy: float, hard: float) -> float:
        """``usual`` while the dial is open, else its place between ``easy`` and ``hard``."""
        return usual if self.hardness is None else easy + (hard - easy) * self.hardness

    def damped(self, value: float, about: float = 0.0) -> float:
        """A drawn value with a sign, as it is while the dial is open, else the nearer to ``about`` the harder."""
        return value if self.hardness is None else about + (value - about) * (1 - 0.9 * self.hardness)


OPEN = Dial()
