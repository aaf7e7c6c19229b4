"""Faces that move: one photograph's, shifted and bent, and an untrained network, which is a warp by landmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catchlight.generator.motion import frame
from catchlight.generator.swap.frame import cut_by
from catchlight.generator.types import Portrait
from catchlight.generator.warp import moved, transformed, warp

SIDE = 64


def drift(face: Portrait, number: int) -> Portrait:
    """The face a little aside, larger and with its mouth wider open, by number."""
    by = np.array([[1 + 0.01 * number, 0, 0.9 * number], [0, 1 + 0.01 * number, -0.6 * number]])
    return Portrait(transformed(face.image, by), moved(face.landmarks, by))


def opened(face: Portrait, much: float) -> Portrait:
    """The face with its jaw lower, in shares of the side."""
    below = np.clip((face.landmarks[:, 1] - face.landmarks[13, 1]) / np.ptp(face.landmarks[:, 1]), 0, 1)
    landmarks = face.landmarks + np.stack([0 * below, much * len(face.image) * below], axis=1)
    return Portrait(warp(face, landmarks.astype(np.float32)), landmarks.astype(np.float32))


@pytest.fixture(scope="session")
def square(astronaut, astronaut_face) -> Portrait:
    """The astronaut's face in its square, 64 px."""
    points = astronaut_face.landmarks
    return cut_by(astronaut, points, frame.matrix([points], SIDE), SIDE)


@pytest.fixture(scope="session")
def moving(square) -> tuple[Portrait, ...]:
    """Five moments of her."""
    return tuple(opened(drift(square, 2 * n), 0.01 * n) for n in range(5))


@pytest.fixture(scope="session")
def untrained(untrained_motion) -> Path:
    """A compiled network with first weights."""
    return untrained_motion
