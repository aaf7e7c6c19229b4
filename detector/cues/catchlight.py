"""Catchlights: whether both eyes reflect the same lights at the same place.

Source: Hu, Li & Lyu, "Exposing GAN-generated Faces Using Inconsistent Corneal Specular Highlights", ICASSP 2021. Both
eyes look into the same room, so what they mirror is alike. Highlights are what stands out from the iris by Yen's
threshold; the value is the overlap (intersection over union) of the two eyes' highlights after the best small shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.cues.iris import DIAMETER, SIZE, Eye, both
from catchlight.detector.cues.person import Look, Person, absent, found, measured
from catchlight.detector.cues.regions import Mask, colourless, eroded, lab, luma
from catchlight.detector.cues.seen import why_hidden
from catchlight.detector.types import Cue

CONTRAST = 38.0  # levels over the iris that a highlight stands out by, at least
SMALLEST, LARGEST = 0.004, 0.3  # shares of the iris: below noise, above a window, glasses or a closed eye
SHIFT = 8  # px of the enlarged iris (a third of its radius) that the two eyes are moved against each other
RIM = 0.15  # of the iris' radius, next to the white
FEWEST = 60  # visible pixels of the enlarged iris


@dataclass(frozen=True, slots=True)
class Pair:
    """The highlights of both eyes in one picture.

    Attributes:
        overlap: Intersection over union after the best small shift, 0 to 1.
        apart: Distance of their middles as seen from each iris' middle, in iris radii.
        across: How much further to the picture's right the left eye's highlight lies, in iris radii.
        down: How much lower it lies.
        counts: Highlights of the right and the left eye.
        colour: Difference of their colours in Lab (a, b); None in black and white.
        contrast: Levels by which the fainter one stands out.
        diameter: Of the smaller iris in pixels of the medium.
    """

    overlap: float
    apart: float
    across: float
    down: float
    counts: tuple[int, int]
    colour: float | None
    contrast: float
    diameter: float


class Catchlight:
    """Overlap of the corneal highlights of both eyes."""

    unit = "overlap"
    low = "the catchlights of the two eyes disagree"
    high = ""

    def measure(self, person: Person) -> Cue:
        """Compare the highlights of one person's eyes, over all pictures."""
        hidden = why_hidden(person.eyes)
        if hidden:
            return absent(hidden)
        pairs, reason = measured(person.looks, compare, "no picture of the eyes")
        if not pairs:
            return absent(reason)
        return _told(pairs, len(person.looks))


def compare(look: Look) -> Pair | str:
    """The highlights of both eyes in one picture, or in words why they can't be compared."""
    eyes = both(look)
    if isinstance(eyes, str):
        return eyes
    spots = [highlights(eye) for eye in eyes]
    for mask in spots:
        if not mask.any():
            return "no highlight in one eye or both"
        if mask.sum() > LARGEST * np.pi * (DIAMETER / 2) ** 2:
            return "glare covers the iris"
    return _pair(eyes, (spots[0], spots[1]), colourless(look.image))


def highlights(eye: Eye) -> Mask:
    """Which pixels of an enlarged eye mirror a light; bool, shape (96, 96).

    What runs along the rim of the visible iris is the white of the eye or a lid, and no highlight.
    """
    none = np.zeros((SIZE, SIZE), np.bool_)
    if eye.visible.sum() < FEWEST:
        return none
    levels = luma(eye.image)
    above = np.clip(levels - float(np.median(levels[eye.visible])), 0, 255)
    least = max(
        CONTRAST, min(yen(above[eye.visible & (_radius() < 1 - RIM)]), float(above[eye.visible].max()) / 2)
    )
    bright = (eye.visible & (above > least)).astype(np.uint8)
    count, labels = cv2.connectedComponents(bright, connectivity=8)
    kept = [number for number in range(1, count) if _is_highlight(labels == number, eye.visible)]
    return np.isin(labels, kept) if kept else none


def _is_highlight(spot: Mask, visible: Mask) -> bool:
    if spot.sum() < SMALLEST * np.pi * (DIAMETER / 2) ** 2:
        return False
    at_rim = np.count_nonzero(spot & ~eroded(visible, 2)) / spot.sum()
    return bool(at_rim < 0.25 and _radius()[spot].mean() < 1 - RIM)


def _radius() -> NDArray[np.float64]:
    """Distance of each pixel of an enlarged eye from the iris' middle, in its radii."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    return np.asarray(np.hypot(x, y) / (DIAMETER / 2))


def yen(values: NDArray[np.float32]) -> float:
    """Yen's threshold (Yen, Chang & Chang, IEEE TIP 4, 1995) of values from 0 to 255."""
    counts = np.bincount(values.astype(np.int64).clip(0, 255), minlength=256).astype(np.float64)
    share = counts / counts.sum()
    below, squares = np.cumsum(share), np.cumsum(share**2)
    rest = squares[-1] - squares
    with np.errstate(divide="ignore", invalid="ignore"):
        criterion = -np.log(squares * rest) + 2 * np.log(below * (1 - below))
    criterion[~np.isfinite(criterion)] = -np.inf
    return float(np.argmax(criterion))


def _pair(eyes: tuple[Eye, Eye], spots: tuple[Mask, Mask], grey: bool) -> Pair:
    middles = [np.argwhere(mask).mean(axis=0) - (SIZE - 1) / 2 for mask in spots]
    down, across = (middles[1] - middles[0]) / (DIAMETER / 2)
    contrast = min(
        float(luma(eye.image)[mask].mean() - np.median(luma(eye.image)[eye.visible]))
        for eye, mask in zip(eyes, spots, strict=True)
    )
    colours = [lab(eye.image)[mask].mean(axis=0)[1:] for eye, mask in zip(eyes, spots, strict=True)]
    return Pair(
        overlap=best_overlap(spots[0], spots[1]),
        apart=float(np.hypot(down, across)),
        across=float(across),
        down=float(down),
        counts=(_count(spots[0]), _count(spots[1])),
        colour=None if grey else float(np.hypot(*(colours[0] - colours[1]))),
        contrast=contrast,
        diameter=min(eye.diameter for eye in eyes),
    )


def _count(mask: Mask) -> int:
    return int(cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0]) - 1


def best_overlap(first: Mask, second: Mask) -> float:
    """Intersection over union after the best shift of up to `SHIFT` pixels."""
    wide = np.pad(second, SHIFT)
    best, size = 0.0, first.shape[0]
    for down in range(2 * SHIFT + 1):
        for across in range(2 * SHIFT + 1):
            moved = wide[down : down + size, across : across + size]
            shared = np.count_nonzero(first & moved)
            best = max(best, shared / max(np.count_nonzero(first | moved), 1))
    return float(best)


def _told(pairs: list[Pair], looks: int) -> Cue:
    def middle(name: str) -> float:
        return float(np.median([getattr(pair, name) for pair in pairs]))

    value = middle("overlap")
    quality = (
        min(1.0, middle("diameter") / 24) * min(1.0, middle("contrast") / 80) * (len(pairs) / looks) ** 0.5
    )
    counts = np.median([pair.counts for pair in pairs], axis=0)
    details = {
        "right_highlights": float(counts[0]),
        "left_highlights": float(counts[1]),
        "apart_radii": middle("apart"),
        "across_radii": middle("across"),
        "down_radii": middle("down"),
        "pictures": float(len(pairs)),
    }
    if len(pairs) > 2:
        details["unsteadiness_radii"] = float(
            np.hypot(np.std([p.across for p in pairs]), np.std([p.down for p in pairs]))
        )
    colours = [pair.colour for pair in pairs if pair.colour is not None]
    if colours:
        details["colour_difference"] = float(np.median(colours))
    note = (
        f"the highlights of both eyes overlap by {value:.0%}, {details['apart_radii']:.2f} iris radii apart"
    )
    return found(value, Catchlight.unit, quality, note, **details)
