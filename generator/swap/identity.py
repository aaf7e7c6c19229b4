"""Whose face is it? A measure of likeness that is learned in seconds and says how far it can be trusted.

Gradients of light in a face's middle (Dalal & Triggs, "Histograms of Oriented Gradients", CVPR 2005), in the
directions that tell people apart and not pictures of one person (Fisher's discriminant; Belhumeur et al., "Eigenfaces
vs. Fisherfaces", 1997). It sees features, not skin colour, which a swap takes from the target on purpose. A network
for face recognition would see more. `Likeness.auc` says how well it tells people whom it never met; no result of it
should be quoted without that number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import DataError
from catchlight.detector.metrics import auc
from catchlight.detector.types import Pixels
from catchlight.generator.swap.faces import Faces

SIDE, INNER = 96, 64  # px: a face is shown at this size, and its middle looked at: what a swap replaces
KEPT = 120  # principal components before the discriminant: more fit noise
PAIRS = 2000  # of pictures that `auc` compares


@dataclass(frozen=True, slots=True)
class Likeness:
    """The directions that tell people apart.

    Attributes:
        mean: Of the descriptions, float64, shape (d,).
        axes: float64, shape (d, k).
    """

    mean: NDArray[np.float64]
    axes: NDArray[np.float64]

    def of(self, images: Sequence[Pixels]) -> NDArray[np.float64]:
        """Where faces lie among others: unit vectors, shape (n, k); each RGB uint8 as `frame.cut` gives it."""
        found = (np.stack([described(image) for image in images]) - self.mean) @ self.axes
        return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9))

    def nearer(self, made: Sequence[Pixels], sources: Sequence[Pixels], targets: Sequence[Pixels]) -> float:
        """Share of swaps, 0 to 1, that look more like their source than like their target.

        Args:
            made: The swaps.
            sources: A picture of the person put in, for each.
            targets: A picture of the person replaced, and not the one that the swap was made from: with that one a swap
                shares hair, light and pose.
        """
        vectors, wanted, unwanted = self.of(made), self.of(sources), self.of(targets)
        return float(np.mean((vectors * wanted).sum(axis=1) > (vectors * unwanted).sum(axis=1)))

    def auc(self, faces: Faces, seed: int = 1) -> float:
        """How well two pictures of one person are told from two of two people.

        Args:
            faces: Of people that `fit` has not seen.
            seed: Of the pairs of two people.

        Raises:
            DataError: Nobody has two pictures, or there is only one person.
        """
        groups, rng = list(faces.groups().values()), np.random.default_rng(seed)
        same = [(i, j) for group in groups for i in group for j in group if i < j]
        if not same or len(groups) < 2:
            raise DataError(
                "to tell how well people are told apart takes two people, one of them in two pictures"
            )
        same = [same[i] for i in rng.permutation(len(same))[:PAIRS]]
        others = [
            (int(rng.choice(groups[a])), int(rng.choice(groups[b])))
            for a, b in (rng.choice(len(groups), 2, replace=False) for _ in same)
        ]
        vectors = self.of(list(faces.images))
        scores = np.array([float(vectors[i] @ vectors[j]) for i, j in (*same, *others)])
        return float(auc(scores, np.repeat([1, 0], len(same))))


def fit(faces: Faces) -> Likeness:
    """Learn what tells people apart.

    Args:
        faces: Of two people at least; those in one picture alone help little.

    Raises:
        DataError: There are not two people with two pictures each.
    """
    from sklearn.decomposition import PCA
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    groups = [group for group in faces.groups().values() if len(group) > 1]
    if len(groups) < 2:
        raise DataError(
            f"two people with two pictures each are needed to tell people apart, received {len(groups)}"
        )
    chosen = [i for group in groups for i in group]
    names = [faces.people[i] for i in chosen]
    seen = np.stack([described(faces.images[i]) for i in chosen])
    parts: Any = PCA(min(KEPT, len(chosen) - 1), whiten=True, random_state=0).fit(seen)
    apart: Any = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1).fit(parts.transform(seen), names)
    scale = parts.components_.T / np.sqrt(parts.explained_variance_)
    return Likeness(parts.mean_ + 0.0, scale @ apart.scalings_[:, : len(groups) - 1])


def described(image: Pixels) -> NDArray[np.float64]:
    """A face's gradients: float64, shape (1764,)."""
    luma = cv2.cvtColor(cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    edge = (SIDE - INNER) // 2
    inner = np.ascontiguousarray(luma[edge : edge + INNER, edge : edge + INNER])
    cells = cv2.HOGDescriptor((INNER, INNER), (16, 16), (8, 8), (8, 8), 9)
    return np.asarray(cells.compute(inner), np.float64).ravel()
