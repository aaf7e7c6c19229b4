"""Eyes: whether both look the same way, have irises of one size, and of one colour.

Sources: Matern, Riess & Stamminger, "Exploiting Visual Artifacts to Expose Deepfakes and Face Manipulations", WACVW
2019 (colour of the eyes); Guo et al., "Eyes Tell All", ICASSP 2022 (geometry of iris and pupil). The gaze of an eye
follows from how far the iris lies off the middle of its corners: an iris is 11.7 mm wide and turns on a globe of
12 mm radius. Pupils themselves are not told apart from dark irises at the sizes that media have.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues import iris
from catchlight.detector.cues.person import Look, Person, absent, found, measured
from catchlight.detector.cues.regions import colourless, lab
from catchlight.detector.cues.seen import why_hidden
from catchlight.detector.types import Cue, Points

IRIS, GLOBE = 11.7, 12.0  # mm
INNER, OUTER = 0.5, 0.9  # of the iris' radius: the ring between pupil and rim

Floats = NDArray[np.float64]


class Sight(NamedTuple):
    """Both eyes in one picture.

    ``across`` and ``down`` are degrees that the left eye looks further to the picture's right and lower than the
    right one, ``ratio`` the smaller iris over the larger, ``colour`` their distance in Lab (a, b), None in black
    and white, and ``diameter`` the smaller iris in pixels.
    """

    across: float
    down: float
    ratio: float
    colour: float | None
    diameter: float


class Eyes:
    """Degrees by which the two eyes look different ways, up and down."""

    unit = "degrees"
    low = ""
    high = "the two eyes look different ways"

    def measure(self, person: Person) -> Cue:
        """Compare one person's eyes, over all pictures."""
        hidden = why_hidden(person.eyes)
        if hidden:
            return absent(hidden)
        sights, reason = measured(person.looks, compare, "no picture of the eyes")
        if not sights:
            return absent(reason)
        return _told(sights, len(person.looks))


def compare(look: Look) -> Sight | str:
    """Gaze, size and colour of both eyes in one picture, or in words why they can't be compared."""
    eyes = iris.both(look)
    if isinstance(eyes, str):
        return eyes
    right, left = gazes(look.landmarks)
    sizes = [eye.diameter for eye in eyes]
    colours = [_colour(eye) for eye in eyes]
    first, second = colours
    known = first is not None and second is not None and not colourless(look.image)
    return Sight(
        across=float(left[0] - right[0]),
        down=float(left[1] - right[1]),
        ratio=min(sizes) / max(sizes),
        colour=float(np.hypot(*(first - second))) if known else None,  # type: ignore[operator]
        diameter=min(sizes),
    )


def gazes(points: Points) -> tuple[Floats, Floats]:
    """Where the right and the left eye look from the middle of their corners: degrees across and down.

    The eyes' corners are levelled first, so the roll of the head does not count.
    """
    angle = lm.roll(points)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    size = float(np.mean(iris.diameters(points)))
    found = []
    for first, corners in ((lm.RIGHT_IRIS, lm.RIGHT_EYE_CORNERS), (lm.LEFT_IRIS, lm.LEFT_EYE_CORNERS)):
        away = points[list(first)].mean(axis=0) - points[list(corners)].mean(axis=0)
        millimetres = turn @ away.astype(np.float64) * IRIS / max(size, 1e-3)
        found.append(np.degrees(np.arcsin(np.clip(millimetres / GLOBE, -1, 1))))
    return found[0], found[1]


def _colour(eye: iris.Eye) -> Floats | None:
    """Median Lab (a, b) of the ring between pupil and rim, without what is much brighter; None if none is seen."""
    y, x = np.mgrid[0 : iris.SIZE, 0 : iris.SIZE] - (iris.SIZE - 1) / 2
    radius = np.hypot(x, y) / (iris.DIAMETER / 2)
    ring = eye.visible & (radius > INNER) & (radius < OUTER)
    if ring.sum() < 60:
        return None
    values = lab(eye.image)[ring]
    dark = values[:, 0] <= np.percentile(values[:, 0], 80)  # highlights have the colour of the lamp
    return np.asarray(np.median(values[dark][:, 1:], axis=0), np.float64)


def _told(sights: list[Sight], looks: int) -> Cue:
    across, down = (float(np.median([getattr(one, name) for one in sights])) for name in ("across", "down"))
    ratio, size = (float(np.median([getattr(one, name) for one in sights])) for name in ("ratio", "diameter"))
    details = {"across_degrees": abs(across), "iris_ratio": ratio, "pictures": float(len(sights))}
    colours = [one.colour for one in sights if one.colour is not None]
    if colours:
        details["colour_difference"] = float(np.median(colours))
    quality = min(1.0, size / 24) * (len(sights) / looks) ** 0.5
    note = f"one eye looks {abs(down):.1f}° higher than the other; the smaller iris has {ratio:.0%} of the larger one"
    return found(abs(down), Eyes.unit, quality, note, **details)
