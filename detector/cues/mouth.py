"""Mouth: whether teeth and inner mouth are as sharp as the eyes, and how the mouth opens.

Sources: Matern et al., WACVW 2019 (teeth made as one white blob); Haliassos et al., "Lips Don't Lie", CVPR 2021.
Forgeries make the inner mouth from little: it stays blurred while the rest of the face is sharp. Only pictures
with an open mouth count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.cues import regions
from catchlight.detector.cues.blink import LEFT, RIGHT, aspect
from catchlight.detector.cues.iris import LEFT_LIDS, RIGHT_LIDS
from catchlight.detector.cues.person import Look, Person, absent, found, measured
from catchlight.detector.cues.seen import COVERED, why_hidden
from catchlight.detector.cues.seen import eyes as seen_eyes
from catchlight.detector.types import Cue, Points

INNER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95)
OPEN = 0.18  # opening of the inner lips over their width from which on teeth are seen
SMALLEST = 6.0  # px of the opening
PROFILE = 0.6
EYES = 0.1  # aspect ratio below which an eye is closed
HIDDEN_EYES = "the eyes, which it is compared with, can't be made out"
FLOOR = 1.0  # levels of fine detail at the eyes below which the whole picture is blurred


class Mouth:
    """Fine detail of the open mouth against the eyes, in octaves; 0 is alike, -1 is half."""

    unit = "octaves"
    tolerance = 0.05
    low = "the inside of the mouth is blurred while the eyes are sharp"
    high = ""

    def measure(self, person: Person) -> Cue:
        """Compare mouth and eyes, over all pictures with an open mouth."""
        if why_hidden(person.eyes):
            return absent(HIDDEN_EYES)
        ratios, reason = measured(person.looks, compare, "no picture of the mouth")
        if not ratios:
            return absent(reason)
        value = float(np.median(ratios))
        openings = opening(person.landmarks)
        size = float(np.median([regions.eye_distance(look.landmarks) for look in person.looks]))
        quality = min(1.0, size / 70) * min(1.0, len(ratios) / 4 if person.kind == "video" else 0.7)
        note = f"the open mouth has {2**value:.2f} times the fine detail of the eyes"
        widest, swing = float(np.quantile(openings, 0.95)), float(np.ptp(np.quantile(openings, [0.05, 0.95])))
        return found(value, self.unit, quality, note, pictures=float(len(ratios)), widest=widest, swing=swing)


def compare(look: Look) -> float | str:
    """Octaves of fine detail of mouth over eyes in one picture, or in words why they can't be compared."""
    points = look.landmarks
    if look.covered:
        return COVERED
    gap = float(np.hypot(*(points[13] - points[14])))
    if float(opening(points[None])[0]) < OPEN:
        return "the mouth is closed"
    if gap < SMALLEST:
        return f"the mouth opens by {gap:.0f} px; {SMALLEST:.0f} are needed"
    if regions.turned(points) > PROFILE:
        return "the head is turned to the side"
    if why_hidden(seen_eyes(look.image, points)[None]):
        return HIDDEN_EYES
    look = look.part(0.05, 0.05)
    points = look.landmarks
    grey = regions.luma(look.image)
    fine = regions.fine_detail(grey)
    mouth = regions.polygon(points[list(INNER)], grey.shape)
    eyes = regions.union(points, (RIGHT_LIDS, LEFT_LIDS), grey.shape)
    if min(mouth.sum(), eyes.sum()) < 20:
        return "too little of mouth or eyes is seen"
    if min(float(aspect(points[None], eye)[0]) for eye in (RIGHT, LEFT)) < EYES:
        return "the eyes are closed, so there is nothing to compare with"
    eyes_detail = float(fine[eyes].mean())
    if eyes_detail < FLOOR:
        return "compression or blur has taken all fine detail"
    return float(np.log2((fine[mouth].mean() + 0.2) / (eyes_detail + 0.2)))


def opening(landmarks: Points) -> NDArray[np.float64]:
    """Height over width of the inner lips of each sample, shape (n,); 0 is closed."""
    height = np.linalg.norm(landmarks[:, 13] - landmarks[:, 14], axis=1)
    width = np.linalg.norm(landmarks[:, 78] - landmarks[:, 308], axis=1)
    return np.asarray(height / np.maximum(width, 1e-3), np.float64)
