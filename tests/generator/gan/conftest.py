"""Faces that are drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.generator.swap import frame
from catchlight.generator.testing import sample_portrait

SIDE = 32


class Drawn:
    """Faces by `sample_portrait`, called like a `FaceMaker`: the latent's first number chooses the person."""

    latent, side = 4, SIDE

    def __call__(self, noise):
        return np.stack([face(int(1000 * abs(n[0]))).image for n in noise])


def face(seed: int):
    portrait = sample_portrait(2 * SIDE, seed)
    return frame.cut(portrait.image, portrait.landmarks, SIDE)


@pytest.fixture(scope="session")
def by_hand() -> Drawn:
    """Latents to drawn faces."""
    return Drawn()


@pytest.fixture(scope="session")
def hand_drawn():
    """Makes faces of seeds: RGB uint8."""
    return lambda seeds: np.stack([face(seed).image for seed in seeds])
