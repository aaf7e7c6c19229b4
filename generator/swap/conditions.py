"""What a one-shot network is shown: the source's face bent onto the target, and of the target what a swap keeps.

Eight channels. 0 to 2: the source's photograph, bent so that its landmarks lie where the target's are, in the
target's light. 3 to 5: that light, the target's colours in `LIGHT` by `LIGHT` cells, too coarse to tell a person by.
6: the target's luma inside eyes and mouth, which holds gaze and teeth. 7: where that is.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Pixels, Points
from catchlight.generator.post.edges import grow
from catchlight.generator.swap import frame
from catchlight.generator.swap.mesh import bend
from catchlight.generator.types import Mask, Portrait

LIGHT = 10  # cells a side: about 8 across a face
AWAY = 0.15  # how much nearer a mirrored head's turn must be; faces are not symmetric
HAIR = 0.55  # of the face's median luma; darker is hair or deep shadow
RIM = 0.5  # importance of what lies just outside the face, where a soft seam still shows a little of it
INNER_LIPS = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191)
RIGHT_LIDS = (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
LEFT_LIDS = (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)


def conditions(source: Portrait, target: Portrait) -> Pixels:
    """All eight channels for one face.

    Args:
        source: The face to put in, as `frame.cut` gives it.
        target: The face to replace, likewise, of the same size.

    Returns:
        uint8, shape (side, side, 8).
    """
    side = target.image.shape[0]
    face, opening = face_mask(target.landmarks, side), openings(target.landmarks, side)
    bent, light = bend(source, target.landmarks), coarse(target.image, uncovered(target))
    lit = np.clip(bent - coarse(bent, face) + light, 0, 255)
    luma = cv2.cvtColor(target.image, cv2.COLOR_RGB2GRAY)
    inner = np.stack([np.where(opening > 0, luma, 0), opening * np.uint8(255)], axis=-1)
    return np.concatenate([lit, np.clip(light, 0, 255), inner], axis=-1, dtype=np.uint8, casting="unsafe")


def fitting(source: Portrait, target: Portrait) -> Portrait:
    """The source, in a mirror where it looks the other way: of a turned head the wrong half is hidden."""
    ways = frame.turn(source.landmarks), frame.turn(target.landmarks)
    opposite = abs(ways[0] - ways[1]) > abs(ways[0] + ways[1]) + AWAY
    return frame.turned_over(source) if opposite else source


def coarse(image: Pixels, mask: Mask) -> NDArray[np.float32]:
    """The colours under a mask in `LIGHT` by `LIGHT` cells, smoothly drawn and continued around it.

    Args:
        image: RGB uint8, shape (side, side, 3).
        mask: float32, shape (side, side); what lies outside, as hair and background, is no light on a face.

    Returns:
        float32, shape of ``image``, about 0 to 255. Normalised convolution (Knutsson & Westin, CVPR 1993).
    """
    known = np.dstack([image * mask[..., None], mask]).astype(np.float32)
    small = cv2.GaussianBlur(cv2.resize(known, (LIGHT, LIGHT), interpolation=cv2.INTER_AREA), (3, 3), 0)
    cells = small + 1e-3 * small.mean(axis=(0, 1))  # the mean of all where nothing is near
    light = cells[..., :3] / np.maximum(cells[..., 3:], 1e-6)
    return np.asarray(cv2.resize(light, image.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def openings(landmarks: Points, side: int) -> Pixels:
    """Where eyes and mouth are open: uint8, shape (side, side), 1 inside."""
    return _filled((INNER_LIPS, RIGHT_LIDS, LEFT_LIDS), landmarks, side)


def face_mask(landmarks: Points, side: int) -> Mask:
    """The face from hair line to jaw: float32, shape (side, side), 0 or 1."""
    return _filled((lm.FACE_OVAL,), landmarks, side).astype(np.float32)


def uncovered(face: Portrait) -> Mask:
    """`face_mask` without hair that falls into it: float32, shape (side, side), 0 or 1.

    Hair is what is much darker than the face and joins its rim above the eyes; brows and eyes don't.
    """
    side = face.image.shape[0]
    mask = face_mask(face.landmarks, side)
    luma = cv2.GaussianBlur(cv2.cvtColor(face.image, cv2.COLOR_RGB2GRAY), (0, 0), side / 96)
    below = grow(mask, -0.12 * side) > 0
    skin = float(np.median(luma[below])) if below.any() else 0.0
    eyes = face.landmarks[list(lm.LEFT_EYE + lm.RIGHT_EYE), 1].min()
    above = (np.arange(side)[:, None] < eyes) & (_brows(face.landmarks, side) == 0)
    dark = ((luma < HAIR * skin) & above).astype(np.uint8)
    _, labels = cv2.connectedComponents(dark)
    rim = (mask > 0) & (grow(mask, -0.03 * side) == 0)
    joined = np.isin(labels, np.setdiff1d(np.unique(labels[rim]), 0)) & (labels > 0)
    hair = cv2.morphologyEx(joined.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return np.asarray(mask * (1 - cv2.dilate(hair, np.ones((3, 3), np.uint8))), np.float32)


def importance(landmarks: Points, side: int) -> Mask:
    """How much a pixel counts in training: in the face 1, mouth 2, eyes 3, a rim around it `RIM`, elsewhere 0."""
    weights = face_mask(landmarks, side)
    for names, weight in ((lm.LIPS, 2.0), (lm.LEFT_EYE, 3.0), (lm.RIGHT_EYE, 3.0)):
        hull = cv2.convexHull(landmarks[list(names)].astype(np.float32))
        centre = hull.mean(axis=(0, 1))
        grown = (centre + (hull - centre) * 1.3).round().astype(np.int32)
        cv2.fillConvexPoly(weights, grown, (weight,))
    return np.maximum(weights, RIM * grow(np.minimum(weights, 1), 0.05 * side))


def _brows(landmarks: Points, side: int) -> Pixels:
    """Both brows and a little around them; uint8, 1 inside."""
    mask = np.zeros((side, side), np.uint8)
    for names in (lm.LEFT_BROW, lm.RIGHT_BROW):
        cv2.fillConvexPoly(mask, cv2.convexHull(np.round(landmarks[list(names)]).astype(np.int32)), (1,))
    return np.asarray(cv2.dilate(mask, np.ones((3, 3), np.uint8), iterations=max(1, side // 48)), np.uint8)


def _filled(parts: tuple[tuple[int, ...], ...], landmarks: Points, side: int) -> Pixels:
    mask = np.zeros((side, side), np.uint8)
    for names in parts:
        cv2.fillPoly(mask, [np.round(landmarks[list(names)]).astype(np.int32)], (1,))
    return mask
