"""Masks of a face: which part a forgery replaces, and how softly.

Variety of masks decides how far a detector trained on blends generalises (Shiohara & Yamasaki, 2022: 0.93
with several kinds against 0.82 with one hull), so every kind here is drawn in training. The small ones stand
for lip sync and edits, which leave most of a face alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import UnknownName
from catchlight.detector.types import Points
from catchlight.generator.hardness import OPEN, Dial
from catchlight.generator.post.edges import feather
from catchlight.generator.types import Mask

_EYES = lm.LEFT_EYE + lm.RIGHT_EYE
_BROWS = lm.LEFT_BROW + lm.RIGHT_BROW
_BELOW_BROWS = lm.JAW + _BROWS


def _pick(points: Points, names: tuple[int, ...]) -> Points:
    return points[list(names)]


def _grown(points: Points, factor: float) -> Points:
    """Points moved away from their centre by ``factor``."""
    centre = points.mean(axis=0)
    return np.asarray(centre + (points - centre) * factor, np.float32)


def _extended(points: Points) -> Points:
    """The oval with its forehead raised to the hair line, which the landmarks do not reach."""
    oval = _pick(points, lm.FACE_OVAL).copy()
    up = points[lm.FOREHEAD] - points[lm.CHIN]
    above = oval @ up > _pick(points, _BROWS).mean(axis=0) @ up
    oval[above] += 0.15 * up
    return oval


def _half(points: Points, rng: np.random.Generator) -> Points:
    """The left or the right half of the face."""
    across = points[lm.LEFT_CHEEK] - points[lm.RIGHT_CHEEK]
    side = points[:468] @ across > points[lm.NOSE_TIP] @ across
    return np.asarray(points[:468][side if rng.random() < 0.5 else ~side], np.float32)


KINDS: dict[str, Callable[[Points, np.random.Generator], Points]] = {
    "whole": lambda p, rng: _pick(p, lm.FACE_OVAL),
    "extended": lambda p, rng: _extended(p),
    "no_forehead": lambda p, rng: _pick(p, _BELOW_BROWS),
    "components": lambda p, rng: _grown(_pick(p, _EYES + _BROWS + lm.NOSE + lm.LIPS), 1.08),
    "lower": lambda p, rng: _pick(p, (*lm.JAW[2:-2], lm.NOSE_TIP)),
    "mouth": lambda p, rng: _grown(_pick(p, lm.LIPS), float(rng.uniform(1.15, 1.8))),
    "eyes": lambda p, rng: _grown(_pick(p, _EYES + _BROWS), float(rng.uniform(1.0, 1.25))),
    "half": lambda p, rng: _half(p, rng),
}
# Whole faces are what swaps replace; the parts are rarer.
WEIGHTS: dict[str, float] = {
    "whole": 0.2,
    "extended": 0.15,
    "no_forehead": 0.15,
    "components": 0.15,
    "lower": 0.12,
    "mouth": 0.11,
    "eyes": 0.06,
    "half": 0.06,
}


def draw_kind(rng: np.random.Generator) -> str:
    """Draw the name of a mask kind by `WEIGHTS`."""
    return str(rng.choice(list(WEIGHTS), p=list(WEIGHTS.values())))


def hull(kind: str, landmarks: Points, side: int, rng: np.random.Generator) -> Mask:
    """The hard mask of one kind: the convex hull of its landmarks, each moved a little.

    Args:
        kind: A name in `KINDS`.
        landmarks: float32, shape (478, 2), pixels.
        side: Height and width of the mask in pixels.
        rng: Source of randomness.

    Returns:
        float32, shape (side, side), 0 or 1.

    Raises:
        UnknownName: If ``kind`` is none of `KINDS`.
    """
    if kind not in KINDS:
        raise UnknownName("mask kind", kind, KINDS)
    points = KINDS[kind](landmarks, rng)
    wobble = rng.normal(0.0, 0.008 * side, points.shape)
    corners = cv2.convexHull((points + wobble).astype(np.float32))
    mask = np.zeros((side, side), np.float32)
    cv2.fillConvexPoly(mask, np.round(corners).astype(np.int32), (1.0,))
    return mask


def deform(mask: Mask, rng: np.random.Generator, reach: float = 0.012) -> Mask:
    """Deform a mask elastically: a smooth random displacement of about ``reach`` of the side.

    Source: Simard et al., "Best Practices for Convolutional Neural Networks", 2003.
    """
    side = mask.shape[0]
    coarse = rng.normal(0.0, 1.0, (9, 9, 2)).astype(np.float32) * reach * side
    field = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    # Cubic interpolation overshoots its cells by less than a half.
    part, bent = box(mask, 1.5 * float(np.abs(coarse).max()) + 2), np.zeros_like(mask)
    none = np.empty(0, np.float32)  # x and y are one map
    bent[part] = cv2.remap(mask, field[part] + _places(side)[part], none, cv2.INTER_LINEAR)
    return bent


def box(mask: Mask, room: float = 0.0) -> tuple[slice, slice]:
    """Rows and columns that hold all of a mask and ``room`` pixels around it: elsewhere there is nothing to do."""
    x, y, width, height = cv2.boundingRect((mask > 0).view(np.uint8))
    more = int(np.ceil(room))
    return np.s_[max(0, y - more) : y + height + more, max(0, x - more) : x + width + more]


@lru_cache(maxsize=4)
def _places(side: int) -> NDArray[np.float32]:
    """Each pixel's own (x, y), float32, shape (side, side, 2)."""
    line = np.arange(side, dtype=np.float32)
    return np.stack(np.meshgrid(line, line), axis=-1)


def soften(mask: Mask, rng: np.random.Generator, dial: Dial = OPEN) -> Mask:
    """Blur a mask twice with random kernels, the core kept at 1 between: seams from hard to very soft.

    Args:
        mask: float32, shape (side, side), 0 to 1.
        rng: Source of randomness.
        dial: Softer seams are harder to see.

    Returns:
        float32 of the same shape, 0 to 1, with a maximum of 1 (all zeros where nothing was masked).
    """
    side = mask.shape[0]
    first, second = (_odd(dial.uniform(rng, 5, 25, hard="high") * side / 256) for _ in range(2))
    part, softened = box(mask, (first + second) / 2), np.zeros_like(mask)
    soft = feather(mask[part], first)
    soft = np.where(soft < 0.999, 0.0, soft).astype(np.float32) if rng.random() < 0.5 else soft
    if not soft.any():
        soft = mask[part]
    softened[part] = feather(soft, second, dial.uniform(rng, 1, 15, hard="high") * side / 256)
    return softened


def _odd(size: float) -> int:
    return 2 * max(1, round(size / 2)) + 1
