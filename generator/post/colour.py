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

Levels = NDArray[np.uint8]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
LIGHT_CELL, COLOUR_CELL = 8, 4  # px, sides of the cells in which `coarse` matches luma and colour
Statistics = tuple[NDArray[np.float64], NDArray[np.float64]]


def mean(image: Pixels, like: Pixels, mask: Mask) -> Pixels:
    """The mean of each RGB channel alone, as in Li et al., "Face X-ray", CVPR 2020."""
    core = (mask > 0.5).astype(np.uint8)
    have, want = (cv2.mean(p, core)[:3] for p in (image, like))
    return np.asarray(cv2.add(image, np.append(np.subtract(want, have), 0.0)), np.uint8)


def mean_std(image: Pixels, like: Pixels, mask: Mask) -> Pixels:
    """Mean and standard deviation of each Lab channel.

    Source: Reinhard et al., "Color Transfer between Images", 2001.
    """
    lab, target = (np.asarray(cv2.cvtColor(p, cv2.COLOR_RGB2LAB), np.uint8) for p in (image, like))
    (mean, spread), (wanted, wanted_spread) = (_moments(p, mask) for p in (lab, target))
    gain = np.sqrt(np.diag(wanted_spread) / np.maximum(np.diag(spread), 1e-3))
    table = (np.arange(256.0)[:, None] - mean) * np.clip(gain, 0.4, 2.5) + wanted
    matched = cv2.LUT(lab, np.clip(table + 0.5, 0, 255).astype(np.uint8)[None])
    return np.asarray(cv2.cvtColor(matched, cv2.COLOR_LAB2RGB), np.uint8)


def histogram(image: Pixels, like: Pixels, mask: Mask) -> Pixels:
    """The whole distribution of each RGB channel, by look-up tables."""
    chosen = mask > 0.5
    if not chosen.any():
        return image
    tables = [_table(image[..., c][chosen], like[..., c][chosen]) for c in range(3)]
    return np.asarray(cv2.LUT(image, np.stack(tables, axis=-1)[None]), np.uint8)


def mkl(image: Pixels, like: Pixels, mask: Mask) -> Pixels:
    """Mean and covariance of RGB, by the linear map that moves colours least.

    Source: Pitié & Kokaram, "The Linear Monge-Kantorovitch Linear Colour Mapping", 2007.
    """
    (mean, spread), (wanted, wanted_spread) = (_moments(p, mask) for p in (image, like))
    root = _power(spread, 0.5)
    inverse = _power(spread, -0.5)
    linear = inverse @ _power(root @ wanted_spread @ root, 0.5) @ inverse
    mapped = linear.T @ _apart(image, mean)
    mapped += wanted[:, None]
    mapped += 0.5
    np.clip(mapped, 0, 255, out=mapped)
    return np.ascontiguousarray(mapped.astype(np.uint8).T).reshape(image.shape)


def coarse(made: NDArray[np.float32], like: Pixels) -> Pixels:
    """Give what a network made the coarse light and colour of its original, as a swap's colour matching does.

    An autoencoder that was trained for minutes gets saturated colours wrong (a green wall comes out blue): a
    detector would learn these instead of the traces. Finer than `LIGHT_CELL` and `COLOUR_CELL` nothing is changed.

    Args:
        made: RGB, 0 to 255 and beyond, shape (h, w, 3).
        like: The original, RGB uint8, same shape.

    Returns:
        RGB uint8, same shape.
    """
    off = like - made
    light = np.asarray(off @ LUMA, np.float32)
    matched = made + _averaged(light, LIGHT_CELL)[..., None] + _averaged(off - light[..., None], COLOUR_CELL)
    return np.asarray(np.clip(np.rint(matched), 0, 255), np.uint8)


def towards(image: Pixels, matched: Pixels, amount: float) -> Pixels:
    """The way from a picture to its matched copy, ``amount`` 0 to 1 of it; 1 is the copy itself."""
    if amount >= 1:
        return matched
    return np.asarray(cv2.addWeighted(matched, amount, image, 1 - amount, 0), np.uint8)


# Those that a swap draws from. A new one here changes what every stored recipe makes.
MATCHES: dict[str, Callable[[Pixels, Pixels, Mask], Pixels]] = {
    "mean_std": mean_std,
    "histogram": histogram,
    "mkl": mkl,
}


def _moments(image: Pixels, mask: Mask) -> Statistics:
    """Mean, shape (3,), and covariance, shape (3, 3), of pixels weighted by a mask."""
    weights = mask.astype(np.float64).ravel() + 1e-9
    weights /= weights.sum()
    mean = weights @ image.reshape(-1, 3).astype(np.float64)
    apart = _apart(image, mean)
    return mean, (apart * weights) @ apart.T


def _apart(image: Pixels, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each pixel from ``mean``, shape (3, n): NumPy is slow along an axis of three."""
    apart = np.ascontiguousarray(image.reshape(-1, 3).T).astype(np.float64)
    apart -= mean[:, None]
    return apart


def _power(matrix: NDArray[np.float64], exponent: float) -> NDArray[np.float64]:
    """A power of a symmetric matrix; a variance under one squared grey level counts as one."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 1.0) ** exponent) @ vectors.T)


def _table(values: Levels, like: Levels) -> Levels:
    have, want = (np.cumsum(np.bincount(v, minlength=256)) / len(v) for v in (values, like))
    return np.interp(have, want, np.arange(256)).round().astype(np.uint8)


def _averaged(values: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    height, width = values.shape[:2]
    cells = (max(1, round(width / cell)), max(1, round(height / cell)))
    small = cv2.resize(values, cells, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
