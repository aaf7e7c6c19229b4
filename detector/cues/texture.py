"""Texture: whether the skin of the inner face is as finely grained as the skin around it.

Sources: Durall et al., "Watch your Up-Convolution", CVPR 2020, and Li & Lyu, "Exposing DeepFake Videos By Detecting
Face Warping Artifacts", CVPRW 2019: a face that was made small and enlarged has lost its fine detail. Compared are
areas of skin only (cheeks and nose against forehead, and brows against hair), because background says nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues import regions
from catchlight.detector.cues.person import Look, Person, absent, found, measured
from catchlight.detector.cues.seen import BEFORE, COVERED, HIDDEN, why_hidden
from catchlight.detector.types import Cue, Points

INNER = (regions.RIGHT_CHEEK, regions.LEFT_CHEEK, regions.NOSE_BRIDGE)
SMALLEST = 36.0  # px between the eyes
PROFILE = 0.6
FLOOR = 0.3  # levels of fine detail below which compression has taken it
FEWEST = 60  # px of an area
SKIN = 22.0  # Lab (a, b) between cheeks and forehead up to which both can be skin


class Grain(NamedTuple):
    """One picture: fine detail of the inner against the outer skin, and of the brows against the hair, in octaves."""

    skin: float
    hair: float
    level: float


class Texture:
    """Fine detail of the inner face's skin against the forehead's, in octaves; 0 is alike, -1 is half."""

    unit = "octaves"
    tolerance = 0.05
    low = "the inner face is smoother than the skin around it"
    high = "the inner face is more finely grained than the skin around it"

    def measure(self, person: Person) -> Cue:
        """Compare fine detail, over all pictures."""
        if why_hidden(person.eyes) == HIDDEN:
            return absent(BEFORE)
        grains, reason = measured(person.looks, compare, "no picture of the face")
        if not grains:
            return absent(reason)
        skin, hair, level = (float(value) for value in np.median(np.array(grains), axis=0))
        size = float(np.median([regions.eye_distance(look.landmarks) for look in person.looks]))
        quality = min(1.0, size / 70) * min(1.0, level / 1.5) * len(grains) / len(person.looks)
        note = f"the inner face has {2**skin:.2f} times the fine detail of the forehead"
        return found(
            skin,
            self.unit,
            quality,
            note,
            hair_octaves=hair,
            detail_levels=level,
            pictures=float(len(grains)),
        )


def compare(look: Look) -> Grain | str:
    """Fine detail in one picture, or in words why it can't be compared."""
    look = look.part(0.25, 0.05)
    points = look.landmarks
    if regions.eye_distance(points) < SMALLEST:
        return f"the eyes are {regions.eye_distance(points):.0f} px apart; {SMALLEST:.0f} are needed"
    if regions.turned(points) > PROFILE:
        return "the head is turned to the side"
    if look.covered:
        return COVERED
    grey = regions.luma(look.image)
    fine = regions.fine_detail(grey)
    inner = regions.union(points, INNER, grey.shape)
    outer = regions.union(points, (regions.FOREHEAD,), grey.shape)
    if min(inner.sum(), outer.sum()) < FEWEST:
        return "too little of the face lies inside the picture"
    tones = [np.median(regions.lab_under(look.image, area)[:, 1:], axis=0) for area in (inner, outer)]
    if float(np.hypot(*(tones[0] - tones[1]))) > SKIN:
        return "hair or a hat covers the forehead"
    inside, outside = _grain(fine, grey, inner), _grain(fine, grey, outer)
    if max(inside, outside) < FLOOR:
        return "compression or blur has taken all fine detail"
    brows = _strong(fine, [_brow(points, ring, grey.shape) for ring in (lm.RIGHT_BROW, lm.LEFT_BROW)])
    hair = _strong(fine, [_hair(points, grey.shape)])
    return Grain(_octaves(inside, outside), _octaves(brows, hair), max(inside, outside))


def _grain(fine: NDArray[np.float32], grey: NDArray[np.float32], area: regions.Mask) -> float:
    """Typical fine detail of an area, for a brightness of 128: noise and pores shrink in the shade."""
    inside = regions.eroded(area)
    chosen = inside if inside.any() else area
    light = max(float(np.median(grey[chosen])), 16.0)
    # The median: the rim of glasses, a wrinkle or a lock of hair is none of the skin's grain.
    return float(np.median(fine[chosen])) * float(np.sqrt(128 / light))


def _strong(fine: NDArray[np.float32], areas: list[regions.Mask]) -> float:
    """Fine detail of hairs: the upper quarter of some areas."""
    values = np.concatenate([fine[area] for area in areas])
    return float(np.quantile(values, 0.75)) if len(values) else 0.0


def _octaves(inside: float, outside: float) -> float:
    return float(np.log2((inside + 0.05) / (outside + 0.05)))


def _brow(points: Points, ring: tuple[int, ...], shape: tuple[int, ...]) -> regions.Mask:
    return regions.polygon(np.asarray(cv2.convexHull(points[list(ring)])[:, 0], np.float32), shape)


def _hair(points: Points, shape: tuple[int, ...]) -> regions.Mask:
    """A band above the forehead."""
    up = (points[lm.FOREHEAD] - points[lm.CHIN]) * np.float32(0.2)
    ring = points[[54, 103, 67, 109, 10, 338, 297, 332, 284]]
    return regions.polygon(np.vstack([ring + up * np.float32(0.3), (ring + up)[::-1]]), shape)
