"""Batches of a motion network: two moments of a clip, or a still and the same one moved as somebody moved in a clip."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import degrade
from catchlight.detector.errors import DataError
from catchlight.generator.motion import keypoints
from catchlight.generator.motion.moments import Clip, Moments
from catchlight.generator.swap.conditions import importance, openings
from catchlight.generator.swap.frame import turned_over
from catchlight.generator.types import Portrait
from catchlight.generator.warp import Affine, moved, similarity, transformed, warp

Floats = NDArray[np.float32]
Batch = tuple[list[Floats], Floats]
SYNTHETIC = 0.4  # share of lessons that are stills in synthetic motion, where there are stills
# Of the side: how far landmarks are off, so that the network does not trust them to the pixel.
TREMBLE = 0.004
FURTHER = (0.6, 1.4)  # by how much a borrowed motion is scaled


class MotionLessons:
    """Pairs of moments.

    Args:
        moments: Where they are from.
        side: Of the pictures, pixels.

    Raises:
        DataError: No clip has two moments.
    """

    def __init__(self, moments: Moments, side: int) -> None:
        self.clips = [clip for clip in moments.clips if len(clip) > 1]
        self.stills, self.side = moments.stills, side
        if not self.clips:
            raise DataError(
                "motion is learned from clips; expected one at least, with two moments that show a face"
            )

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """So many lessons: what `networks.motion` takes, and what it should give."""
        pairs = [self._draw(rng) for _ in range(size)]
        return shown([(s, d) for s, d in pairs], rng), wanted([d for _, d in pairs])

    def _draw(self, rng: np.random.Generator) -> tuple[Portrait, Portrait]:
        source, driving = two_of(self.clips[int(rng.integers(len(self.clips)))], rng)
        if self.stills and rng.random() < SYNTHETIC:
            still = self.stills[int(rng.integers(len(self.stills)))]
            source, driving = borrowed(still, source, driving, float(rng.uniform(*FURTHER)))
        if rng.random() < 0.5:
            source, driving = turned_over(source), turned_over(driving)
        by = _jolt(rng, self.side)
        source, driving = (_jolted(face, by) for face in (source, driving))
        light = float(rng.normal(0, 8)), float(np.exp(rng.normal(0, 0.08))), 1.0
        source, driving = (
            Portrait(degrade.tone(face.image, *light), face.landmarks) for face in (source, driving)
        )
        return source, driving


def two_of(clip: Clip, rng: np.random.Generator) -> tuple[Portrait, Portrait]:
    """Two different moments."""
    first, second = (int(i) for i in rng.choice(len(clip), 2, replace=False))
    return clip[first], clip[second]


def borrowed(
    still: Portrait, before: Portrait, after: Portrait, much: float = 1.0
) -> tuple[Portrait, Portrait]:
    """A still, and the same one moved as another face moved between two moments."""
    by = similarity(before.landmarks, still.landmarks)
    shift = moved(after.landmarks, by) - moved(before.landmarks, by)
    landmarks = np.asarray(still.landmarks + much * shift, np.float32)
    return still, Portrait(warp(still, landmarks), landmarks)


def shown(pairs: list[tuple[Portrait, Portrait]], rng: np.random.Generator | None = None) -> list[Floats]:
    """What `networks.motion` takes of pairs of source and driving face; landmarks tremble by ``rng``."""
    side = pairs[0][0].image.shape[0]
    shake = [
        rng.normal(0, TREMBLE * side, (2, *pairs[0][0].landmarks.shape)) if rng else (0, 0) for _ in pairs
    ]
    told = [
        keypoints.motion(
            np.asarray(source.landmarks + s, np.float32), np.asarray(driving.landmarks + d, np.float32), side
        )
        for (source, driving), (s, d) in zip(pairs, shake, strict=True)
    ]
    return [
        np.stack([source.image for source, _ in pairs]).astype(np.float32),
        np.stack([maps for maps, _ in told]),
        np.stack([places for _, places in told]),
        np.stack([openings(driving.landmarks, side) for _, driving in pairs])[..., None].astype(np.float32),
    ]


def wanted(faces: list[Portrait]) -> Floats:
    """RGB 0 to 1 and how much each pixel counts."""
    return np.stack(
        [
            np.dstack([f.image.astype(np.float32) / 255, importance(f.landmarks, f.image.shape[0])])
            for f in faces
        ]
    )


def _jolt(rng: np.random.Generator, side: int) -> Affine:
    """A little shift, turn and scale: squares around faces are never laid alike."""
    scale = float(np.exp(rng.normal(0, 0.06)))
    by = np.asarray(cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.normal(0, 4)), scale), np.float64)
    by[:, 2] += rng.normal(0, 0.03 * side, 2)
    return by


def _jolted(face: Portrait, by: Affine) -> Portrait:
    return Portrait(transformed(face.image, by), moved(face.landmarks, by))
