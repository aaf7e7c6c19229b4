"""Irises, set upright and enlarged to one size: what the cues of the eyes look at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.person import Look
from catchlight.detector.cues.regions import Mask, eroded, polygon, turned
from catchlight.detector.cues.seen import eyes, why_hidden
from catchlight.detector.types import Pixels, Points

SIZE = 96  # px of the enlarged picture
DIAMETER = 48.0  # px of the iris in it
SMALLEST = 12.0  # px of the iris in the medium; below it a highlight is one pixel
OPENING = 0.45  # of the lids in iris diameters; an eye less open hides the iris
PROFILE = 0.6  # turn of the head from which on the far eye is hidden
RIM = 2.5  # px of the enlarged iris left out: lids and the border to the white

# Ring of the opening between the lids, and the middles of the lids.
RIGHT_LIDS = (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7)
LEFT_LIDS = (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249)
RIGHT_MIDDLE, LEFT_MIDDLE = (159, 145), (386, 374)


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye, enlarged so that its iris has `DIAMETER` px and its middle lies in the middle.

    Attributes:
        image: RGB uint8, shape (96, 96, 3).
        visible: What is seen of the iris between the lids, without its rim; bool, shape (96, 96).
        diameter: Of the iris in pixels of the medium.
        opening: Of the lids, in iris diameters.
    """

    image: Pixels
    visible: Mask
    diameter: float
    opening: float


def diameters(points: Points) -> tuple[float, float]:
    """Diameters of the right and the left iris in pixels, by the four points on the rim of each."""
    found = []
    for first in (lm.RIGHT_IRIS[0], lm.LEFT_IRIS[0]):
        across = np.hypot(*(points[first + 1] - points[first + 3]))
        down = np.hypot(*(points[first + 2] - points[first + 4]))
        found.append(float(across + down) / 2)
    return found[0], found[1]


def both(look: Look) -> tuple[Eye, Eye] | str:
    """The right and the left eye, or in words why they can't be compared."""
    sizes = diameters(look.landmarks)
    if min(sizes) < SMALLEST:
        return f"the iris is {min(sizes):.0f} px wide; {SMALLEST:.0f} are needed"
    if turned(look.landmarks) > PROFILE:
        return "the head is turned so far that one eye is hidden"
    right = _eye(look, lm.RIGHT_IRIS[0], RIGHT_LIDS, RIGHT_MIDDLE, sizes[0])
    left = _eye(look, lm.LEFT_IRIS[0], LEFT_LIDS, LEFT_MIDDLE, sizes[1])
    if min(right.opening, left.opening) < OPENING:
        return "the eyes are closed or nearly so"
    return why_hidden(eyes(look.image, look.landmarks)[None]) or (right, left)


def _eye(look: Look, iris: int, lids: tuple[int, ...], middle: tuple[int, int], diameter: float) -> Eye:
    points = look.landmarks
    angle, scale = lm.roll(points), DIAMETER / diameter
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) * scale
    centre = points[iris : iris + 5].mean(axis=0).astype(np.float64)
    shift = (SIZE - 1) / 2 - turned @ centre
    affine = np.hstack([turned, shift[:, None]])
    image = cv2.warpAffine(
        look.image, affine, (SIZE, SIZE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    ring = (points[list(lids)].astype(np.float64) @ turned.T + shift).astype(np.float32)
    inner = eroded(polygon(ring, (SIZE, SIZE)), 2)
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    visible = inner & (np.hypot(x, y) < DIAMETER / 2 - RIM)
    height = float(np.hypot(*(points[middle[0]] - points[middle[1]])))
    return Eye(np.asarray(image, np.uint8), visible, diameter, height / diameter)
