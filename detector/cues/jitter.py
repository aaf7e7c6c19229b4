"""Jitter: whether the face keeps its shape from one moment to the next.

Source: Sun et al., "Improving the Efficiency and Robustness of Deepfakes Detection through Precise Geometric
Features" (LRNet), CVPR 2021: a face that is made frame by frame trembles. Each moment is laid over its two
neighbours by an affine map of the points that no expression moves; what is left after the smooth part of the
motion is taken away is jitter, in thousandths of the distance of the eyes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.person import Person, absent, found, too_sparse
from catchlight.detector.cues.regions import eye_distance, typical_size
from catchlight.detector.cues.seen import COVERED, mostly_covered
from catchlight.detector.types import Cue, Points

Floats = NDArray[np.float64]

RIGID = tuple(sorted({*lm.FACE_OVAL, *lm.NOSE, *lm.RIGHT_EYE_CORNERS, *lm.LEFT_EYE_CORNERS}))
REGIONS = {
    "outline": tuple(lm.FACE_OVAL),
    "nose": lm.NOSE,
    "brows": (*lm.LEFT_BROW, *lm.RIGHT_BROW),
    "mouth_corners": lm.MOUTH_CORNERS,
}
COUNTED = ("outline", "nose")  # brows and mouth move by themselves
LEAST = 12  # moments with two neighbours
SHORTEST = 1.5  # seconds
CALM = 0.25  # quantile over moments
SMALLEST = 20.0  # px between the eyes; below it the landmarks themselves tremble


class Jitter:
    """Trembling of outline and nose, in thousandths of the distance of the eyes."""

    unit = "‰ of the eyes' distance"
    temporal = True
    tolerance = 0.05
    low = ""
    high = "the face trembles from frame to frame"

    def measure(self, person: Person) -> Cue:
        """Measure one person's trembling."""
        reason = too_sparse(person, SHORTEST)
        if reason:
            return absent(reason)
        if mostly_covered(person):
            return absent(COVERED)
        size = typical_size(person.landmarks)
        if size < SMALLEST:
            return absent(f"the eyes are {size:.0f} px apart; {SMALLEST:.0f} are needed")
        left = residuals(person)
        if len(left) < LEAST:
            return absent(f"{len(left)} moments with two neighbours; {LEAST} are needed")
        by_region = {name: 1000 * _size(left[:, list(points)]) for name, points in REGIONS.items()}
        value = float(np.mean([by_region[name] for name in COUNTED]))
        quality = min(1.0, size / 60) * min(1.0, len(left) / 60)
        pixels = value * size / 1000
        note = f"outline and nose tremble by {value:.1f} thousandths of the eyes' distance ({pixels:.2f} px)"
        note += "; a moving head or camera adds to it"
        return found(value, self.unit, quality, note, **by_region, moments=float(len(left)))


def residuals(person: Person) -> Floats:
    """What is left of each landmark's motion, in distances of the eyes; float64, shape (moments, 478, 2)."""
    parts = [_residuals(person.times[part], person.landmarks[part]) for part in person.stretches()]
    return np.concatenate(parts) if parts else np.empty((0, lm.COUNT, 2))


def _residuals(times: Floats, landmarks: Points) -> Floats:
    """Of one stretch: each moment less both its neighbours, laid over it and weighed by how near they are."""
    before, after = np.diff(times)[:-1], np.diff(times)[1:]
    even = np.maximum(before, after) <= 2.1 * np.minimum(before, after)
    at = np.flatnonzero(even) + 1
    before, after = before[even, None, None], after[even, None, None]
    points = landmarks.astype(np.float64)
    first, second = _laid_over(points[at - 1], points[at]), _laid_over(points[at + 1], points[at])
    between = (first * after + second * before) / np.maximum(before + after, 1e-9)
    sizes = np.array([eye_distance(one) for one in landmarks[at]]).reshape(-1, 1, 1)
    return np.asarray((points[at] - between) / sizes)


def _laid_over(points: Floats, targets: Floats) -> Floats:
    """All points of some moments moved by the affine maps that bring their rigid points over those of others."""
    chosen = list(RIGID)
    middles, goals = points[:, chosen].mean(axis=1), targets[:, chosen].mean(axis=1)
    away, wanted = points[:, chosen] - middles[:, None], targets[:, chosen] - goals[:, None]
    # Normal equations of two unknowns; a little is added for landmarks that all lie on one line.
    squares = np.einsum("mpi,mpj->mij", away, away) + 1e-6 * np.eye(2)
    products = np.einsum("mpi,mpj->mij", away, wanted)
    fitted = np.einsum("mij,mjk->mik", _inverse(squares), products)
    return np.asarray(np.einsum("mpi,mij->mpj", points - middles[:, None], fitted) + goals[:, None])


def _inverse(matrices: Floats) -> Floats:
    """Of symmetric 2 x 2 matrices, written out: a solver's threads would cost more than they compute."""
    a, b, c = matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 1, 1]
    turned = np.stack([np.stack([c, -b], axis=1), np.stack([-b, a], axis=1)], axis=1)
    return np.asarray(turned / (a * c - b * b)[:, None, None])


def _size(left: Floats) -> float:
    """Typical length in the calm quarter of all moments: a head that turns fast is no affine map, one that is made
    frame by frame trembles at rest as well."""
    return float(np.quantile(np.sqrt((left**2).sum(axis=2).mean(axis=1)), CALM))
