"""A generator of nothing in particular, compiled, and faces that are drawn by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from catchlight.generator.gan import pool
from catchlight.generator.gan.maker import FaceMaker
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


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled generator with first weights, and a pool of hand-made landmarks beside it."""
    from catchlight.generator.gan.training import compile_generator
    from catchlight.generator.networks import gan, stored
    from catchlight.generator.networks.gan import GanConfig

    config = GanConfig(side=SIDE, latent=8, generator=8, discriminator=4)
    folder = tmp_path_factory.mktemp("generator")
    stored.save(gan.generator(config), config, folder / "generator.npz")
    path = compile_generator(folder / "generator.npz", folder / "gan.tflite")
    landmarks = np.stack([face(seed).landmarks for seed in range(5)])
    pool.save(pool.Pool(1, 0.8, (0, 1, 2, 3, 7), landmarks, 1.0), pool.path_of(path))
    assert FaceMaker(path).side == SIDE
    return path
