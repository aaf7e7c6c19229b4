"""Colour matching: a face takes on the colours of the one that it is put on. Steps of a swap, to be composed.

Each takes RGB uint8 pictures of one shape and the mask under which colours are compared, float32 0 to 1, and gives
``image`` with the colours of ``like``. Statistics are taken under the mask, the change is made everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Pixels
from catchlight.generator.types import Mask

Statistics = tuple[NDArray[np.float64], NDArray[np.float64]]


def mean_std(image: Pixels, like: Pixels, mask: Mask) -> Pixels:
    """Mean and standard deviation of each Lab channel.

    Source: Reinhard et al., "Color Transfer between Images", 2001.
    """
    lab, target = _lab(image), _lab(like)
    (mean, spread), (wanted, wanted_spread) = (_moments(values, mask) for values in (lab, target))
    gain = np.sqrt(np.diag(wanted_spread) / np.maximum(np.diag(spread), 1e-3))
    return _rgb((lab - mean) * np.clip(gain, 0.4, 2.5) + wanted)


def histogram(image: Pixels, like: Pixels, mask: Mask) -> Pixels:
    """The whole distribution of each RGB channel, by look-up tables."""
    chosen = mask > 0.5
    if not chosen.any():
        return image
    channels = [_table(image[..., c][chosen], like[..., c][chosen])[image[..., c]] for c in range(3)]
    return np.stack(channels, axis=-1)


def mkl(image: Pixels, like: Pixels, mask: Mask) -> Pixels:
    """Mean and covariance of RGB, by the linear map that moves colours least.

    Source: Pitié & Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping", 2007.
    """
    (mean, spread), (wanted, wanted_spread) = (_moments(p.astype(np.float64), mask) for p in (image, like))
    root = _power(spread, 0.5)
    inverse = _power(spread, -0.5)
    linear = inverse @ _power(root @ wanted_spread @ root, 0.5) @ inverse
    return np.clip((image - mean) @ linear + wanted + 0.5, 0, 255).astype(np.uint8)


MATCHES: dict[str, Callable[[Pixels, Pixels, Mask], Pixels]] = {
    "mean_std": mean_std,
    "histogram": histogram,
    "mkl": mkl,
}


def _moments(values: NDArray[np.float64], mask: Mask) -> Statistics:
    """Mean, shape (3,), and covariance, shape (3, 3), of pixels weighted by a mask."""
    weights = mask.astype(np.float64).ravel() + 1e-9
    weights /= weights.sum()
    pixels = values.reshape(-1, 3)
    mean = weights @ pixels
    apart = pixels - mean
    return mean, (apart * weights[:, None]).T @ apart


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """A power of a symmetric matrix; a variance under one squared grey level counts as one."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1.0) ** exponent) @ vectors.T)


def _table(values: NDArray[np.uint8], like: NDArray[np.uint8]) -> NDArray[np.uint8]:
    have, want = (np.cumsum(np.bincount(v, minlength=256)) / len(v) for v in (values, like))
    return np.interp(have, want, np.arange(256)).round().astype(np.uint8)


def _lab(image: Pixels) -> NDArray[np.float64]:
    return cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float64)


def _rgb(lab: NDArray[np.float64]) -> Pixels:
    values = np.clip(lab + 0.5, 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(values, cv2.COLOR_LAB2RGB), np.uint8)
