"""Where a face lies in what a swap network sees: the landmarks of all faces fitted to those of one mean face.

`catchlight.detector.align` cuts what is scored, by the bounds of a face; they move when a mouth opens, and a swapped
face would swell with every word. A least-squares fit of all landmarks moves ten times less than the bounds do, and a
face looks the same to the network whatever its roll, size and place.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Pixels, Points
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.types import Portrait
from catchlight.generator.warp import Affine, moved, similarity

FILL = 0.78  # height of the mean face in units of the frame's side: brow to chin, some background all around
DOWN = 0.03  # shift of its centre: the landmarks end at the hair line, a mask may go beyond
RIGID = 468  # landmarks that are fitted; the irises move by themselves
MEAN_FACE = WEIGHTS / "mean_face.npy"


@cache
def mean_face() -> Points:
    """Landmarks of the mean face about the origin, in units of its height, float32 of shape (468, 2)."""
    return np.asarray(np.load(MEAN_FACE, allow_pickle=False), np.float32)


@cache
def mirror_order() -> NDArray[np.intp]:
    """Which landmark lies where each one lies when left and right are exchanged, shape (478,)."""
    points = mean_face()
    across = points * np.array((-1, 1), np.float32)
    nearest = np.square(across[:, None] - points[None]).sum(axis=-1).argmin(axis=1)
    return np.concatenate([nearest, lm.LEFT_IRIS, lm.RIGHT_IRIS])


def turned_over(face: Portrait) -> Portrait:
    """The same face seen in a mirror: its left becomes its right, in landmarks' names too."""
    flipped = face.landmarks * np.array((-1, 1), np.float32) + np.array(
        (face.image.shape[1] - 1, 0), np.float32
    )
    return Portrait(np.ascontiguousarray(face.image[:, ::-1]), flipped[mirror_order()])


def well_named(landmarks: Points) -> Points:
    """Landmarks in the order that a face has them; crops that were mirrored in training kept that of the original."""
    right, left = lm.eye_centres(landmarks)
    across, down = left - right, landmarks[lm.CHIN] - landmarks[lm.FOREHEAD]
    return landmarks if across[0] * down[1] - across[1] * down[0] >= 0 else landmarks[mirror_order()]


def turn(landmarks: Points) -> float:
    """How far a head is turned, by where the nose lies between the cheeks: -1 to 1, 0 from the front."""
    cheeks, nose = landmarks[[lm.RIGHT_CHEEK, lm.LEFT_CHEEK]], landmarks[lm.NOSE_TIP]
    across = cheeks[1] - cheeks[0]
    share = float((nose - cheeks[0]) @ across) / max(float(across @ across), 1e-6)
    return float(np.clip(2 * share - 1, -1, 1))


def matrix(landmarks: Points, side: int) -> Affine:
    """The map from pixels of the picture to pixels of the frame: shift, turn and one scale.

    Args:
        landmarks: float32, shape (478, 2), pixels of the picture.
        side: Of the frame, in pixels.

    Returns:
        float64, shape (2, 3), as `cv2.warpAffine` takes it.

    Example:
        >>> inside = mean_face() * 100 + 300
        >>> matrix(np.vstack([inside, inside[:10]]), 64).round(3)[0, 0]
        0.499
    """
    return similarity(
        landmarks[:RIGID], mean_face() * (FILL * side) + np.array((side / 2, (0.5 + DOWN) * side), np.float32)
    )


def cut(image: Pixels, landmarks: Points, side: int) -> Portrait:
    """The face as the network sees it; outside the picture the border is mirrored.

    Args:
        image: RGB uint8, shape (height, width, 3).
        landmarks: float32, shape (478, 2), pixels of ``image``.
        side: Of the frame, in pixels.
    """
    return cut_by(image, landmarks, matrix(landmarks, side), side)


def cut_by(image: Pixels, landmarks: Points, by: Affine, side: int) -> Portrait:
    """As `cut`, by a map that is at hand: the smoothed one of a clip."""
    within = moved(landmarks, by)
    scale = float(np.hypot(by[0, 0], by[1, 0]))
    if scale < 0.5:  # a bilinear step over more than two pixels would skip some
        sigma = 0.4 / scale
        image, by = _around(image, by, side)
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)
    drawn = cv2.warpAffine(image, by, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return Portrait(np.asarray(drawn, np.uint8), within)


def _around(image: Pixels, by: Affine, side: int) -> tuple[Pixels, Affine]:
    """The part of a picture that a frame reaches, and the map from there, so that no more is blurred."""
    back = np.asarray(cv2.invertAffineTransform(by), np.float64)
    corners = moved(np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32), back)
    height, width = image.shape[:2]
    low = np.clip(corners.min(axis=0) - 8, 0, (width - 1, height - 1)).astype(int)
    high = np.clip(corners.max(axis=0) + 8, low + 1, (width, height)).astype(int)
    shifted = by.copy()
    shifted[:, 2] += by[:, :2] @ low
    return image[low[1] : high[1], low[0] : high[0]], shifted
