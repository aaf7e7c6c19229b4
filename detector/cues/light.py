"""Light: whether the middle of the face has the skin tone and the light of forehead and neck.

Sources: Johnson & Farid, "Exposing Digital Forgeries in Complex Lighting Environments", 2007 (illumination); Matern
et al., WACVW 2019. A swap replaces cheeks, nose and mouth; forehead and neck stay the other person's. Their skin is
compared in Lab without brightness, and the slope of brightness from right to left as well.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues import regions
from catchlight.detector.cues.person import Look, Person, absent, found, measured
from catchlight.detector.cues.seen import COVERED
from catchlight.detector.types import Cue, Pixels, Points

Floats = NDArray[np.float32]

INNER = (regions.RIGHT_CHEEK, regions.LEFT_CHEEK, regions.NOSE_BRIDGE)
NECK = (150, 149, 176, 148, 152, 377, 400, 378, 379)  # the underside of the chin, from right to left
NECK_FROM, NECK_TO = 0.08, 0.26  # shares of the face's height below the chin
SKIN = 22.0  # Lab (a, b) from the cheeks' colour up to which something can be skin, and not hair or clothes
LEAST_SKIN = 0.5  # share of forehead or neck that must be skin
SMALLEST = 24.0  # px between the eyes
PROFILE = 0.6
CLIPPED = (4.0, 97.0)  # L of pixels that have lost their colour


class Tone(NamedTuple):
    """One picture: distance of skin tones, and slopes of light (right minus left over their sum) inside and outside."""

    difference: float
    inner_slope: float
    outer_slope: float


class Light:
    """Distance of the skin tones of the inner face and of forehead and neck, in Lab (a, b)."""

    unit = "ΔE"
    low = ""
    high = "the skin tone of the inner face differs from forehead and neck"

    def measure(self, person: Person) -> Cue:
        """Compare skin tones, over all pictures."""
        tones, reason = measured(person.looks, compare, "no picture of the face")
        if not tones:
            return absent(reason)
        difference, inner, outer = (float(value) for value in np.median(np.array(tones), axis=0))
        size = float(np.median([regions.eye_distance(look.landmarks) for look in person.looks]))
        note = f"cheeks and nose differ by {difference:.1f} ΔE in tone from forehead or neck, whichever is nearer"
        details = {
            "light_from_right_inside": inner,
            "light_from_right_outside": outer,
            "pictures": float(len(tones)),
        }
        return found(
            difference, self.unit, min(1.0, size / 50) * len(tones) / len(person.looks), note, **details
        )


def compare(look: Look) -> Tone | str:
    """Skin tones and slopes of light in one picture, or in words why they can't be compared."""
    look = look.part(0.05, NECK_TO + 0.02)
    points = look.landmarks
    if regions.eye_distance(points) < SMALLEST:
        return f"the eyes are {regions.eye_distance(points):.0f} px apart; {SMALLEST:.0f} are needed"
    if regions.turned(points) > PROFILE:
        return "the head is turned to the side"
    if regions.colourless(look.image):
        return "the picture is black and white"
    if look.covered:
        return COVERED
    inner = _skin(look.image, regions.union(points, INNER, look.image.shape), None)
    if len(inner) < 30:
        return "too little of the cheeks is seen"
    tone = np.median(inner[:, 1:], axis=0)
    outer = [_skin(look.image, mask, tone) for mask in _around(points, look.image.shape)]
    tones = [np.median(part[:, 1:], axis=0) for part in outer if len(part)]
    if not tones:
        return "hair, clothes or the picture's border hide forehead and neck"
    distances = [float(np.hypot(*(other - tone))) for other in tones]
    return Tone(min(distances), _slope(look.image, points, INNER[:2]), _slope(look.image, points, _halves()))


def _around(points: Points, shape: tuple[int, ...]) -> list[regions.Mask]:
    """Forehead and neck."""
    down = points[lm.CHIN] - points[lm.FOREHEAD]
    chin = points[list(NECK)]
    ring = np.vstack([chin + down * np.float32(NECK_FROM), (chin + down * np.float32(NECK_TO))[::-1]])
    return [regions.union(points, (regions.FOREHEAD,), shape), regions.polygon(ring, shape)]


def _skin(image: Pixels, mask: regions.Mask, tone: Floats | None) -> Floats:
    """The Lab values under a mask that can be skin; none where most of it is something else."""
    values = regions.lab_under(image, mask)
    lit = (values[:, 0] > CLIPPED[0]) & (values[:, 0] < CLIPPED[1])
    if tone is not None:
        lit &= np.hypot(*(values[:, 1:] - tone).T) < SKIN
        if not len(values) or lit.mean() < LEAST_SKIN:
            return values[:0]
    return values[lit]


def _halves() -> tuple[tuple[int, ...], ...]:
    """The right and the left half of the forehead."""
    return ((109, 10, 151, 9, 107, 69), (338, 10, 151, 9, 336, 299))


def _slope(image: Pixels, points: Points, rings: tuple[tuple[int, ...], ...]) -> float:
    """How much brighter the person's right half is: -1 to 1."""
    sides = [regions.polygon(points[list(ring)], image.shape) for ring in rings]
    right, left = (
        float(regions.lab_under(image, side)[:, 0].mean()) if side.any() else 0.0 for side in sides
    )
    return (right - left) / max(right + left, 1.0)
