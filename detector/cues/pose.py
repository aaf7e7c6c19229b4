"""Pose: whether the middle of the face looks the same way as the head around it.

Source: Yang, Li & Lyu, "Exposing Deep Fakes Using Inconsistent Head Poses", ICASSP 2019. A face that was put into a
head is fitted to where it goes in the picture, not to how the head is turned. The value is the angle between the
direction of the face by its central landmarks (eyes, nose, mouth) and by the outline.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.face_model import angle_between, rotation
from catchlight.detector.cues.person import Person, absent, found
from catchlight.detector.cues.regions import eye_distance, turned
from catchlight.detector.cues.seen import COVERED, mostly_covered, why_hidden
from catchlight.detector.types import Cue, Points

# Points that move least when a face speaks or looks around.
CENTRAL = (33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 98, 327, 61, 291, 0, 46, 55, 276, 285)
OUTER = tuple(
    point for point in lm.FACE_OVAL if point not in (152, 148, 176, 377, 400)
)  # the chin moves in speech
PROFILE = 0.75  # turn from which on half of the outline is guessed
SMALLEST = 24.0  # px between the eyes; below it an error of half a pixel is several degrees
GUESSED = 0.35  # of the quality, where the eyes can't be made out and their landmarks are guessed
MOST = 32  # samples measured; more tell nothing new


class HeadPose:
    """Degrees between the directions of the middle of the face and of its outline."""

    unit = "degrees"
    tolerance = 0.05
    low = ""
    high = "the middle of the face looks another way than the head"

    def measure(self, person: Person) -> Cue:
        """Compare the two directions, over all samples."""
        if not len(person.landmarks):
            return absent("no face was followed")
        if mostly_covered(person):
            return absent(COVERED)
        chosen = person.landmarks[:: -(-len(person.landmarks) // MOST)]
        usable = [points for points in chosen if turned(points) <= PROFILE]
        if not usable:
            return absent("the head is turned to the side")
        size = float(np.median([eye_distance(points) for points in usable]))
        if size < SMALLEST:
            return absent(f"the eyes are {size:.0f} px apart; {SMALLEST:.0f} are needed")
        angles = np.array([disagreement(points) for points in usable])
        guessed = GUESSED if why_hidden(person.eyes) else 1.0
        return _told(angles, size, guessed * len(usable) / len(chosen))


def disagreement(points: Points) -> float:
    """Degrees between the directions of the middle of one face and of its outline."""
    return angle_between(rotation(points, CENTRAL), rotation(points, OUTER))


def _told(angles: NDArray[np.float64], size: float, share: float) -> Cue:
    value = float(np.median(angles))
    quality = min(1.0, size / 60) * share
    note = f"eyes, nose and mouth look {value:.1f}° off the direction of the head"
    return found(
        value,
        HeadPose.unit,
        quality,
        note,
        highest=float(np.quantile(angles, 0.9)),
        samples=float(len(angles)),
    )
