"""How rare a face's expression and pose are among a person's pictures: what is rare must be practised more often.

Most frames of a clip show a mouth that is hardly open and a head that looks ahead. A decoder that meets a wide mouth
once in a hundred lessons leaves it closed; drawn by the inverse of how common they are, expressions come up about
alike often (density-based weighting, Steininger et al., "Density-based weighting for imbalanced regression", 2021).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.types import Points
from catchlight.generator.swap import frame

MOST = 5.0  # times the median weight at most: one odd picture, or a wrong landmark, must not rule
WIDTH = 0.5  # of the kernel that counts neighbours, in standard deviations of each trait
INNER_LIPS, CORNERS, EYE_CORNERS = (13, 14), (61, 291), (33, 263)
LIDS = ((159, 145), (386, 374))


def traits(landmarks: Points) -> NDArray[np.float64]:
    """Mouth's opening and width, opening of the eyes, turn of the head; shape (n, 4).

    Args:
        landmarks: float32, shape (n, 478, 2), any unit; lengths count by the distance of the eyes' outer corners.
    """
    unit = np.maximum(_length(landmarks, EYE_CORNERS), 1e-3)
    lids = np.mean([_length(landmarks, pair) for pair in LIDS], axis=0)
    turns = [frame.turn(points) for points in landmarks]
    return np.stack(
        [_length(landmarks, INNER_LIPS) / unit, _length(landmarks, CORNERS) / unit, lids / unit, turns],
        axis=1,
    )


def rarity(landmarks: Points) -> NDArray[np.float64]:
    """How often each picture should be drawn, relative to the others; the weights sum to 1.

    Args:
        landmarks: As `traits`; all of one person.

    Returns:
        float64, shape (n,), none over `MOST` times their median.

    Example:
        >>> rarity(np.ones((4, 478, 2), np.float32)).tolist()
        [0.25, 0.25, 0.25, 0.25]
    """
    found = traits(landmarks)
    scaled = (found - found.mean(axis=0)) / np.maximum(found.std(axis=0), 1e-3)
    apart = np.square(scaled[:, None] - scaled).sum(axis=2)
    common = np.exp(-apart / (2 * WIDTH**2)).mean(axis=1)
    wanted = 1 / common
    limited = np.minimum(wanted, MOST * np.median(wanted))
    return np.asarray(limited / limited.sum(), np.float64)


def _length(landmarks: Points, pair: tuple[int, int]) -> NDArray[np.float64]:
    first, second = pair
    return np.asarray(np.linalg.norm(landmarks[:, first] - landmarks[:, second], axis=1), np.float64)
