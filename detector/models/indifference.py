"""What a last layer must not go by: directions in which skin, light and handling move what it reads of real faces.

Where forgeries of training happen to be darker than real people, darkness becomes a sign of forgery, and who has dark
skin or was filmed in a dim room pays for it. Balanced examples do not mend that, for nobody can balance everything. So
such directions are measured on real faces alone and taken out of what the last layer is fitted on, for good: its score
cannot follow them in a straight line any more. A direction is the covariance of features with what shall not count,
among faces that are alike otherwise: of one collection, or one face with and without a handling.

Sources: nuisance attribute projection (Campbell, Sturim, Reynolds & Solomonoff, "SVM based speaker verification using a
GMM supervector kernel and NAP variability compensation", ICASSP 2006); Belrose et al., "LEACE: Perfect linear concept
erasure in closed form", NeurIPS 2023, of which this is the part that a linear layer needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import TrainingError
from catchlight.detector.types import Pixels

LEAST = 20  # faces that differ in something, below which their direction is chance
SAME = 1e-6  # of two directions that are one but for rounding, the second is left out

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Varied:
    """Some real faces that differ by things which nobody shall be judged by.

    Attributes:
        images: uint8, shape (n, side, side, 3).
        alike: Faces with the same value are compared with each other, such as a collection's, shape (n,).
        amounts: Name of a thing, such as ``image/dark``, to how much of it each face has, in any unit; NaN where a
            face takes no part; shape (n,) each.
    """

    images: Pixels
    alike: NDArray[np.str_]
    amounts: Mapping[str, Numbers]


@dataclass(slots=True)
class _Sums:
    """Of one name: number of faces, sums of features, of amounts and of their products within what is alike."""

    parts: dict[str, tuple[int, Numbers, float, Numbers]] = field(default_factory=dict)

    def add(self, alike: str, features: Numbers, amounts: Numbers) -> None:
        number, of_features, of_amounts, products = self.parts.get(
            alike, (0, np.zeros(features.shape[1]), 0.0, np.zeros(features.shape[1]))
        )
        self.parts[alike] = (
            number + len(amounts),
            of_features + features.sum(0),
            of_amounts + float(amounts.sum()),
            products + amounts @ features,
        )

    @property
    def faces(self) -> int:
        return sum(number for number, *_ in self.parts.values())

    def covariance(self) -> Numbers:
        """Within what is alike, up to a factor."""
        return np.asarray(sum(products - a * f / n for n, f, a, products in self.parts.values()))


def directions(read: Callable[[Pixels], NDArray[np.float32]], shown: Iterable[Varied]) -> Numbers:
    """Directions of features in which real faces differ by what shall not count.

    Args:
        read: Takes crops, shape (n, side, side, 3), and gives what the last layer reads of each, (n, features).
        shown: Real faces, a part at a time; parts that share a name are taken together.

    Returns:
        Shape (features, names), in the order in which names come; not normalised.

    Raises:
        TrainingError: If there is none, one has too few faces, or what is read of them is not finite.

    Example:
        >>> light = {"light": np.arange(20.0)}
        >>> faces = Varied(np.zeros((20, 8, 8, 3), np.uint8), np.full(20, "all"), light)
        >>> read = lambda crops: np.stack([np.arange(20.0), np.ones(20)], axis=1).astype(np.float32)
        >>> directions(read, [faces])[:, 0].tolist()
        [665.0, 0.0]
    """
    sums: dict[str, _Sums] = {}
    for part in shown:
        features = np.asarray(read(part.images), np.float64)
        for name, amounts in part.amounts.items():
            found, there = sums.setdefault(name, _Sums()), ~np.isnan(amounts)
            for alike in np.unique(part.alike[there]):
                here = there & (part.alike == alike)
                found.add(str(alike), features[here], amounts[here])
    few = {name: found.faces for name, found in sums.items() if found.faces < LEAST}
    if few or not sums:
        told = ", ".join(f"{name}: {number}" for name, number in few.items()) or "none"
        raise TrainingError(
            f"what a last layer shall be indifferent to is measured on {LEAST} real faces or more each, received "
            f"{told}; add photographs or clips of real people to the store, or empty `indifferent`"
        )
    made = np.stack([found.covariance() for found in sums.values()], axis=1)
    if not np.isfinite(made).all():
        raise TrainingError("what the network reads of real faces is not finite; look at the run's log")
    return made


def basis(measured: Numbers, spread: NDArray[Any]) -> Numbers:
    """An orthonormal basis of directions among features that are divided by their spread.

    Args:
        measured: As of `directions`, shape (features, names).
        spread: Of each feature, over 0, shape (features,).

    Returns:
        Shape (features, k), k at most as many as names: directions that are 0 or repeat others are left out.

    Example:
        >>> basis(np.array([[2.0, 4.0, 0.0], [0.0, 0.0, 0.0]]), np.ones(2)).shape
        (2, 1)
    """
    scaled = measured / np.asarray(spread, np.float64)[:, None]
    lengths = np.linalg.norm(scaled, axis=0)
    left, sizes, _ = np.linalg.svd(scaled[:, lengths > 0] / lengths[lengths > 0], full_matrices=False)
    return np.asarray(left[:, sizes > SAME], np.float64)
