"""Seam: whether the skin's colour jumps along a line around the face.

Source: Li et al., "Face X-ray for More General Face Forgery Detection", CVPR 2020 (the blending boundary), measured
here without a network. Colours are read along rays from the middle of the face outwards. A blended face ends
everywhere at about the same share of the way to the outline, so the step of the median ray over all directions
is the seam; hair, beard and glasses lie on some rays only.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.person import Look, Person, absent, found, measured
from catchlight.detector.cues.regions import colourless, eye_distance, fine_detail, lab, luma, turned
from catchlight.detector.cues.seen import BEFORE, COVERED, HIDDEN, why_hidden
from catchlight.detector.types import Cue

Floats = NDArray[np.float64]

RAYS = 144
INNER, OUTER, STEP = 0.6, 1.04, 0.01  # shares of the way to the outline
SEARCHED = (0.70, 0.97)  # where a seam may lie: outside the features, inside the hair
HAIRLINE = 0.9  # share of the way from which on hair may begin
REACH = 8  # steps on either side whose colours are compared
BLUR = 0.02  # of the distance of the eyes; takes noise away, keeps a seam
SMALLEST = 36.0  # px between the eyes
PROFILE = 0.6


class Step(NamedTuple):
    """The strongest step of one picture: its size and where, and the ratio of noise inside to outside in octaves."""

    size: float
    place: float
    noise: float


class Seam:
    """The sharpest step of the skin's colour along the outline, in Lab (a, b)."""

    unit = "ΔE"
    low = ""
    high = "the skin's colour jumps along a line around the face"

    def measure(self, person: Person) -> Cue:
        """Look for a seam, over all pictures."""
        if why_hidden(person.eyes) == HIDDEN:
            return absent(BEFORE)
        steps, reason = measured(person.looks, strongest, "no picture of the face")
        if not steps:
            return absent(reason)
        size, place, noise = (float(value) for value in np.median(np.array(steps), axis=0))
        quality = min(1.0, float(np.median([eye_distance(look.landmarks) for look in person.looks])) / 60)
        note = f"the sharpest step of colour around the face is {size:.1f} ΔE, at {place:.0%} of the way to the outline"
        if place > HAIRLINE:
            note += ", where hair, a beard or a veil can make one, too"
        details = {"place": place, "noise_inside_octaves": noise, "pictures": float(len(steps))}
        return found(size, self.unit, quality * len(steps) / len(person.looks), note, **details)


def strongest(look: Look) -> Step | str:
    """The strongest step in one picture, or in words why there is none to measure."""
    if eye_distance(look.landmarks) < SMALLEST:
        return f"the eyes are {eye_distance(look.landmarks):.0f} px apart; {SMALLEST:.0f} are needed"
    if turned(look.landmarks) > PROFILE:
        return "the head is turned to the side"
    if colourless(look.image):
        return "the picture is black and white"
    if look.covered:
        return COVERED
    shares = np.arange(INNER, OUTER + STEP / 2, STEP)
    look = look.part(0.08, 0.08)
    colours = _unrolled(look, shares)
    steps = _steps(colours[..., 1:])
    allowed = (shares >= SEARCHED[0]) & (shares <= SEARCHED[1])
    at = int(np.argmax(np.where(allowed, steps, -1)))
    return Step(float(steps[at]), float(shares[at]), _noise(look, shares, at))


def _unrolled(look: Look, shares: Floats) -> Floats:
    """Lab along the rays, shape (rays, shares, 3)."""
    sigma = max(BLUR * eye_distance(look.landmarks), 0.6)
    blurred = np.asarray(cv2.GaussianBlur(look.image, (0, 0), sigma), np.float32)
    return lab(_along_rays(look, blurred, shares).astype(np.float32)).astype(np.float64)


def _along_rays(look: Look, picture: NDArray[np.float32], shares: Floats) -> Floats:
    middle, rim = _rays(look)
    places = (middle + (rim - middle)[:, None] * shares[None, :, None]).astype(np.float32)
    read = cv2.remap(
        picture, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(read, np.float64)


def _rays(look: Look) -> tuple[Floats, Floats]:
    """The middle of the face, and points all around its outline."""
    ring = look.landmarks[list(lm.FACE_OVAL)].astype(np.float64)
    closed = np.vstack([ring, ring[:1]])
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    wanted = np.linspace(0, length[-1], RAYS, endpoint=False)
    rim = np.stack([np.interp(wanted, length, closed[:, axis]) for axis in (0, 1)], axis=1)
    return ring.mean(axis=0), rim


def _steps(chroma: Floats) -> Floats:
    """Size of the step of the typical ray at each share; the slope of the skin around it is taken away."""
    shares = np.arange(chroma.shape[1])
    sums = np.pad(np.cumsum(chroma, axis=1), ((0, 0), (1, 0), (0, 0)))
    inside = _means(sums, np.maximum(shares - REACH, 0), np.maximum(shares - 1, 1))
    outside = _means(sums, np.minimum(shares + 2, shares[-1]), np.minimum(shares + REACH + 1, len(shares)))
    typical = np.median(outside - inside, axis=0)
    return np.asarray(np.hypot(*(typical - _smoothed(typical)).T))


def _means(sums: Floats, start: NDArray[np.intp], stop: NDArray[np.intp]) -> Floats:
    """Means over runs of shares, from running sums; shape as the sums, one share fewer."""
    return np.asarray((sums[:, stop] - sums[:, start]) / (stop - start)[:, None])


def _smoothed(values: Floats) -> Floats:
    """What changes slowly: the median over about all of the way, of which a step moves a third."""
    count, half = len(values), 24
    at = np.arange(count)
    near = np.abs(at[:, None] - at) <= half
    ranked = np.sort(np.where(near[..., None], values, np.inf), axis=1)
    middle = near.sum(axis=1) - 1
    return np.asarray((ranked[at, middle // 2] + ranked[at, (middle + 1) // 2]) / 2)


def _noise(look: Look, shares: Floats, at: int) -> float:
    """Fine detail inside the step against outside, in octaves; 0 is alike."""
    fine = _along_rays(look, fine_detail(luma(look.image)), shares)
    inside, outside = np.median(fine[:, max(0, at - 12) : at - 1]), np.median(fine[:, at + 2 : at + 12])
    return float(np.log2((inside + 0.1) / (outside + 0.1)))
