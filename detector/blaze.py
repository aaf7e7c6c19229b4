"""Where in a picture there may be faces: MediaPipe's two BlazeFace networks, run by LiteRT.

Source: Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", CVPRW 2019. The pictures
are framed, and findings of one face merged, as MediaPipe does it, so boxes and scores are the same as its graphs'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.face_models import FAR, NEAR, FaceModel, Floats, Runner
from catchlight.detector.types import Box, Pixels

KEYPOINTS = 6  # eyes, nose, mouth, ears; the person's right eye first, then the left one
ONE_FACE = 0.3  # overlap (IoU) from which on two findings are of one face

Table = NDArray[np.float64]


class Finding(NamedTuple):
    """A face that was found: its box in pixels of the picture, its angle in radians, and a score, 0 to 1."""

    box: Box
    angle: float
    score: float


@dataclass(frozen=True, slots=True)
class Range:
    """One of the two networks, and how its findings are read.

    Attributes:
        model: The network.
        side: Of its square input, px.
        anchors: Distance of the places that it looks at, px, and how often it answers for each.
        least: Score of a finding, at least, as in MediaPipe, whose full-range graph holds to .6 whatever is asked.
    """

    model: FaceModel
    side: int
    anchors: tuple[tuple[int, int], ...]
    least: float


FULL_RANGE: Final = Range(FAR, 192, ((4, 1),), 0.6)
SHORT_RANGE: Final = Range(NEAR, 128, ((8, 2), (16, 6)), 0.5)


class BlazeFace:
    """Finds faces by one of the two networks. Not for use by two threads at once.

    Example:
        >>> BlazeFace(SHORT_RANGE).find(np.zeros((48, 64, 3), np.uint8))
        []
    """

    def __init__(self, reach: Range) -> None:
        self._range = reach
        self._places = np.concatenate([_places(reach.side, *each) for each in reach.anchors])
        self._network = Runner(reach.model.path())

    def find(self, image: Pixels) -> list[Finding]:
        """All faces, the surest first.

        Args:
            image: RGB uint8, shape (height, width, 3).
        """
        square, scale, margin = self._framed(image)
        regressed, raw = self._network.run(square[None] / np.float32(127.5) - 1)
        chances = 1 / (1 + np.exp(-raw[0, :, 0].astype(np.float64).clip(-100, 100)))
        sure = chances >= self._range.least
        points = self._points(regressed[0][sure], sure)
        merged = _merged(points, chances[sure])
        return [_finding((p * self._range.side - margin) / scale, float(score)) for p, score in merged]

    def _framed(self, image: Pixels) -> tuple[Pixels, float, Table]:
        """The picture in the middle of the network's square, its edges black."""
        height, width = image.shape[:2]
        scale = self._range.side / max(height, width)
        margin = (self._range.side - np.array([width, height]) * scale) / 2
        affine = np.array([[scale, 0.0, margin[0]], [0.0, scale, margin[1]]])
        square = cv2.warpAffine(image, affine, (self._range.side, self._range.side), flags=cv2.INTER_LINEAR)
        return np.asarray(square, np.uint8), scale, margin

    def _points(self, regressed: Floats, sure: NDArray[np.bool_]) -> Table:
        """Corners and key points of findings, as shares of the square, shape (n, 2 + 6, 2)."""
        found = regressed.reshape(-1, 2 + KEYPOINTS, 2).astype(np.float64) / self._range.side
        places = self._places[sure]
        middle, half = found[:, 0] + places, found[:, 1] / 2
        corners = np.stack([middle - half, middle + half], axis=1)
        return np.concatenate([corners, found[:, 2:] + places[:, None]], axis=1)


def _places(side: int, stride: int, answers: int) -> Table:
    """The middles of a grid's cells as shares of the side, row by row, shape (n, 2), each as often as it answers."""
    count = side // stride
    y, x = (np.mgrid[0:count, 0:count].reshape(2, -1) + 0.5) / count
    return np.repeat(np.stack([x, y], axis=1), answers, axis=0)


def _merged(points: Table, chances: NDArray[np.float64]) -> list[tuple[Table, float]]:
    """Findings of one face as their mean, weighted by their scores, with the highest score; the surest first."""
    merged, left = [], np.argsort(-chances, kind="stable")
    while len(left):
        same = _overlaps(points[left[0]], points[left]) > ONE_FACE
        same[0] = True  # also where a box is empty
        near = left[same]
        mean = np.average(points[near], axis=0, weights=chances[near])
        merged.append((mean, float(chances[left[0]])))
        left = left[~same]
    return merged


def _overlaps(one: Table, others: Table) -> NDArray[np.float64]:
    """Intersection over union of a box with others, by their corners."""
    low, high = np.maximum(one[0], others[:, 0]), np.minimum(one[1], others[:, 1])
    shared = np.clip(high - low, 0, None).prod(axis=1)
    area = np.prod(one[1] - one[0]) + np.prod(others[:, 1] - others[:, 0], axis=1) - shared
    return np.asarray(shared / np.maximum(area, 1e-12), np.float64)


def _finding(points: Table, score: float) -> Finding:
    (left, top), (right, bottom), right_eye, left_eye = points[:4].tolist()
    angle = float(np.arctan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0]))
    return Finding(Box(left, top, right - left, bottom - top), angle, score)
