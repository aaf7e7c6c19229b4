"""How far made faces are from real ones as sets, and how near each one comes to a face that it was trained on.

KID: Bińkowski et al., "Demystifying MMD GANs", ICLR 2018; unbiased, so it does not depend on the number of pictures.
Nearest neighbours: a generator that has learned faces by heart makes some that lie nearer to a training face than any
real face of somebody else does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import metrics
from catchlight.detector.errors import DataError

Floats = NDArray[np.float32]
NEAR = 0.01  # share of real strangers that lie as near; what lies nearer is looked at


@dataclass(frozen=True, slots=True)
class Copies:
    """Whether made faces repeat those of training.

    Attributes:
        share: Of made faces, those nearer to a training face than all but `NEAR` of the held-out real ones are.
        auc: Of telling, by that distance, made faces from held-out real ones; below 0.5 they lie nearer.
        nearest: For each made face the number of the nearest training face, nearest first of the made ones.
        order: The made faces, those with the nearest neighbour first.
    """

    share: float
    auc: float
    nearest: tuple[int, ...]
    order: tuple[int, ...]


def kid(made: Floats, real: Floats) -> float:
    """Kernel distance of two sets of features, (n, d) and (m, d); about 0 for two sets of one kind.

    Squared maximum mean discrepancy of the kernel (x y / d + 1)³, unbiased.

    Raises:
        DataError: A set has fewer than two.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> a, b = rng.standard_normal((2, 500, 8)).astype(np.float32)
        >>> abs(kid(a, b)) < 0.01 < kid(a, b + 1)
        True
    """
    if min(len(made), len(real)) < 2:
        raise DataError(
            f"a kernel distance needs two pictures of each kind, received {len(made)} and {len(real)}"
        )
    x, y = np.asarray(made, np.float64), np.asarray(real, np.float64)
    own = sum(_without_diagonal(_kernel(of, of)) for of in (x, y))
    return float(own - 2 * _kernel(x, y).mean())


def copies(made: Floats, training: Floats, held_out: Floats) -> Copies:
    """Compare made faces with those of training, held-out real ones as the measure of what is usual.

    Args:
        made: Features, shape (v, n, d): of each face as it is and, where it is trained on in a mirror too, mirrored.
        training: Likewise, (m, d).
        held_out: Likewise, (v, k, d), of other people.

    Raises:
        DataError: A set is empty.
    """
    if min(made.shape[1], len(training), held_out.shape[1]) < 1:
        raise DataError("made, training and held-out faces are needed, one of each at least")
    off, which = _nearest(made, training)
    usual, _ = _nearest(held_out, training)
    share = float(np.mean(off < np.quantile(usual, NEAR)))
    auc = metrics.auc(np.concatenate([off, usual]), np.repeat([1, 0], [len(off), len(usual)]))
    order = np.argsort(off)
    return Copies(round(share, 4), round(auc, 4), tuple(map(int, which[order])), tuple(map(int, order)))


def _nearest(of: Floats, among: Floats) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Distance of each face, in whichever view is nearer, to the nearest one, and its number; by angles."""
    views, others = (
        np.asarray(x, np.float64) / np.linalg.norm(x, axis=-1, keepdims=True) for x in (of, among)
    )
    alike = np.max([view @ others.T for view in views], axis=0)
    return 1 - alike.max(axis=1), alike.argmax(axis=1)


def _kernel(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return (x @ y.T / x.shape[1] + 1) ** 3


def _without_diagonal(kernel: NDArray[np.float64]) -> float:
    n = len(kernel)
    return float((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))
