"""Landmarks -> how the head is turned, in degrees.

The points of the skull that no expression moves are fitted to a face of average shape, seen from afar (scaled
orthography, the first step of DeMenthon & Davis, "Model-based object pose in 25 lines of code", IJCV 15, 1995).
That needs no camera, which nobody knows of a stored crop.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Points

# Landmark -> x (to the picture's right), y (up) and z (to the camera) in centimetres of an average face.
SKULL = {
    33: (-4.446, 2.664, 3.173),
    133: (-1.856, 2.585, 3.758),
    362: (1.856, 2.585, 3.758),
    263: (4.446, 2.664, 3.173),
    168: (0.0, 3.271, 5.236),
    6: (0.0, 2.473, 5.789),
    1: (0.0, -1.127, 7.476),
    10: (0.0, 8.262, 4.482),
    234: (-7.664, 0.673, -2.436),
    454: (7.664, 0.673, -2.436),
}


class Pose(NamedTuple):
    """How a head is turned, in degrees.

    ``yaw`` is positive when the face looks to the picture's right, ``pitch`` when it looks up, ``roll`` when it leans
    clockwise. 0, 0, 0 looks straight at the camera.
    """

    yaw: float
    pitch: float
    roll: float


def measure(landmarks: Points) -> Pose:
    """Estimate the pose of a head.

    Args:
        landmarks: float32, shape (478, 2), pixels of any picture of the face.

    Returns:
        Yaw and pitch, -90 to 90, of the face turned upright, and roll, -180 to 180.
    """
    roll = lm.roll(landmarks)
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    seen = landmarks[list(SKULL)].astype(np.float64) @ turn.T * (1, -1)
    model = np.array(list(SKULL.values()))
    seen, model = seen - seen.mean(axis=0), model - model.mean(axis=0)
    fitted, *_ = np.linalg.lstsq(model, seen, rcond=None)
    # The nearest two orthogonal axes of one length are the first rows of the rotation.
    left, _, right = np.linalg.svd(fitted.T, full_matrices=False)
    across, up = left @ right
    towards = np.cross(across, up)
    yaw = np.arctan2(across[2], towards[2])
    pitch = np.arcsin(np.clip(up[2], -1, 1))
    return Pose(*(float(np.degrees(angle)) for angle in (yaw, pitch, roll)))
