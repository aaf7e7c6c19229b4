"""Faces altered at random for lessons: bent, so that a network has to straighten them, or in another light."""

from __future__ import annotations

import cv2
import numpy as np

from catchlight.datasets import degrade
from catchlight.detector.types import Pixels
from catchlight.generator.post.surface import relight
from catchlight.generator.swap import frame
from catchlight.generator.swap.mesh import bend
from catchlight.generator.types import Portrait

CELLS = 5  # grid that is displaced at random when a face is bent
BEND = 0.035  # its displacements' standard deviation, in units of the side


def bent(face: Portrait, rng: np.random.Generator) -> tuple[Pixels, Portrait]:
    """A face bent at random, RGB uint8, and the straight one; both mirrored, turned, moved and lit alike."""
    side = face.image.shape[0]
    face = frame.turned_over(face) if rng.random() < 0.5 else face
    scale = float(np.exp(rng.normal(0, 0.04)))
    turn = np.asarray(cv2.getRotationMatrix2D((side / 2, side / 2), rng.normal(0, 4), scale), np.float64)
    turn[:, 2] += rng.normal(0, 0.02 * side, 2)
    lit = degrade.tone(face.image, float(rng.normal(0, 6)), float(np.exp(rng.normal(0, 0.06))), 1.0)
    straight = cv2.warpAffine(lit, turn, (side, side), borderMode=cv2.BORDER_REFLECT_101)
    landmarks = np.asarray(face.landmarks @ turn[:, :2].T + turn[:, 2], np.float32)
    grid = rng.normal(0, BEND * side, (CELLS, CELLS, 2)).astype(np.float32)
    field = cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
    x, y = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    bent = cv2.remap(
        straight, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(bent, np.uint8), Portrait(np.asarray(straight, np.uint8), landmarks)


def altered(face: Portrait, rng: np.random.Generator) -> Portrait:
    """In other light and colours, sometimes softer: what photographs of one person differ in."""
    image, side = face.image, face.image.shape[0]
    image = degrade.tone(
        image,
        float(rng.normal(0, 15)),
        float(np.exp(rng.normal(0, 0.15))),
        float(np.exp(rng.normal(0, 0.15))),
    )
    image = degrade.hue(image, float(rng.normal(0, 4)), float(np.exp(rng.normal(0, 0.2))))
    if rng.random() < 0.5:
        centre = (side / 2 + float(rng.normal(0, 0.1 * side)), side / 2)
        image = relight(
            image, centre, 0.5 * side, float(rng.uniform(0, 2 * np.pi)), float(rng.normal(0, 0.6))
        )
    if rng.random() < 0.15:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.4, 1.2))), np.uint8)
    return Portrait(image, face.landmarks)


def shaken(face: Portrait, rng: np.random.Generator) -> Portrait:
    """With its features elsewhere, so that bending it back onto the target leaves what bending leaves."""
    side = face.image.shape[0]
    grid = rng.normal(0, BEND * side, (CELLS, CELLS, 2)).astype(np.float32)
    field = cv2.resize(grid, (side, side), interpolation=cv2.INTER_CUBIC)
    places = np.clip(face.landmarks, 0, side - 1).astype(np.intp)
    landmarks = face.landmarks + field[places[:, 1], places[:, 0]]
    return Portrait(bend(face, landmarks), landmarks)
