"""Mouths that one person of a pair never shows, put onto their pictures from the other's.

A decoder can't draw what it has never seen: where the target laughs and the pictures of the person to put in are
serious, the swap's mouth stays closed. So the difference between two mouths of the other person moves the lips and the
jaw of this one (expression mapping; Liu, Shan & Zhang, "Expressive Expression Mapping with Ratio Images", SIGGRAPH
2001), and the opening is filled with the other's teeth and tongue.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Points
from catchlight.generator.swap import frame
from catchlight.generator.swap.conditions import INNER_LIPS, face_mask
from catchlight.generator.swap.faces import Faces
from catchlight.generator.swap.mesh import bend
from catchlight.generator.types import Mask, Portrait

FAR = 0.012  # of two mouths, as `apart`: a mouth farther from all of another person's is one they never show
MOST = 0.3  # of a person's lessons that are borrowed
NEAR = 0.2  # of turns of two heads, as `frame.turn`, between which a mouth is carried over
TURN = 0.2  # how much a difference of turns counts beside one of mouths
JAW = 0.05  # below the nose's tip, in units of the mean face's height: from there on all follows the mouth


class Borrowed:
    """Pictures of a person with mouths that only another person shows.

    Args:
        own: The person's faces.
        other: Of whom the mouths are taken; of the same size.

    Attributes:
        share: Of the person's lessons that should be borrowed, 0 to `MOST`: as common as such mouths are with the
            other.
    """

    def __init__(self, own: Faces, other: Faces) -> None:
        self.own, self.other = own, other
        self._apart = apart(mouths(other), mouths(own))
        self._turns = [np.array([frame.turn(p) for p in faces.landmarks]) for faces in (own, other)]
        mine, theirs = self._turns
        near = np.abs(theirs[:, None] - mine) < NEAR
        unknown = (self._apart.min(axis=1) > FAR) & near.any(axis=1)
        self._hosts = {int(i): np.flatnonzero(near[i]) for i in np.flatnonzero(unknown)}
        self.share = min(MOST, len(self._hosts) / max(1, len(other)))

    def draw(self, rng: np.random.Generator) -> Portrait:
        """One of the person's faces with a mouth of the other's; there is none where `share` is 0."""
        shown = int(rng.choice(list(self._hosts)))
        host = int(rng.choice(self._hosts[shown]))
        theirs = self._turns[1]
        # The other's picture whose mouth is as the host's: from there to the one shown is what has to move.
        alike = int(np.argmin(self._apart[:, host] + TURN * np.abs(theirs - theirs[shown])))
        moves = self.other.landmarks[shown] - self.other.landmarks[alike]
        return with_mouth(self.own.portrait(host), self.other.portrait(shown), moves)


def mouths(faces: Faces) -> NDArray[np.float32]:
    """How lips differ from the person's usual ones, in units of the pictures' side, shape (n, 40, 2)."""
    lips = faces.landmarks[:, list(lm.LIPS)] / np.float32(faces.side)
    shapes = lips - lips.mean(axis=1, keepdims=True)
    return np.asarray(shapes - np.median(shapes, axis=0), np.float32)


def apart(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Root mean square distance of each mouth of one person from each of another, shape (n, m)."""
    off = [np.sqrt(np.square(other - mouth).sum(axis=-1).mean(axis=-1)) for mouth in one]
    return np.asarray(off, np.float32)


def with_mouth(face: Portrait, shown: Portrait, moves: Points) -> Portrait:
    """A face whose mouth is moved, and opened as another person's is.

    Args:
        face: The face, as `frame.cut` gives it.
        shown: Another person with that mouth, likewise, of the same size.
        moves: Of all landmarks, in pixels, shape (478, 2); those above the mouth are left out.

    Returns:
        The same person; the inside of the mouth is the other's, as light as this face is.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> with_mouth(sample_portrait(64, 1), sample_portrait(64, 2), np.zeros((478, 2), np.float32)).image.shape
        (64, 64, 3)
    """
    landmarks = np.asarray(face.landmarks + moves * _follows(), np.float32)
    drawn = bend(face, landmarks).astype(np.float32)
    inside = bend(shown, landmarks) * (_tone(face) / _tone(shown))
    opening = _opening(landmarks, face.image.shape[0])[..., None]
    return Portrait(
        np.clip(drawn * (1 - opening) + inside * opening + 0.5, 0, 255).astype(np.uint8), landmarks
    )


@cache
def _follows() -> NDArray[np.float32]:
    """How far each landmark follows a mouth, 0 to 1, shape (478, 1): jaw and lips do, nose, eyes and irises don't."""
    below = frame.mean_face()[:, 1] - frame.mean_face()[lm.NOSE_TIP, 1]
    irises = np.zeros(lm.COUNT - frame.RIGID)
    return np.asarray(np.concatenate([np.clip(below / JAW, 0, 1), irises])[:, None], np.float32)


def _tone(face: Portrait) -> NDArray[np.float32]:
    """Mean colour of a face, at least 1 in each channel."""
    skin = face.image[face_mask(face.landmarks, face.image.shape[0]) > 0]
    return np.asarray(np.maximum(skin.mean(axis=0) if len(skin) else np.ones(3), 1), np.float32)


def _opening(landmarks: Points, side: int) -> Mask:
    """The open mouth with a soft rim that hides the stretched edge of the lips; float32, 0 to 1."""
    mask = np.zeros((side, side), np.uint8)
    cv2.fillPoly(mask, [np.round(landmarks[list(INNER_LIPS)]).astype(np.int32)], (1,))
    grown = cv2.dilate(mask, np.ones((3, 3), np.uint8)).astype(np.float32)
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), side / 160), np.float32)
