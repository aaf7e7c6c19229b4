"""Faces of a generator whose landmarks are known, so that one that fits a pose can be had without looking for a face.

Written beside a compiled generator, once: ``gan.tflite`` has its ``gan.faces.npz``. Faces in which no face is found,
which every generator makes now and then, are not in it.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import files
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import BundleError, DataError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.types import Points
from catchlight.generator.gan.maker import TRUNCATION, FaceMaker
from catchlight.generator.swap import frame

TRIED = 200  # faces drawn for a pool
LEAST = 0.3  # share of them in which a face must be found; below, the generator draws no faces
LARGE = 256  # px that faces are brought to before one is looked for
CANDIDATES = 40  # faces looked at for each target; the one with the nearest landmarks is taken


@dataclass(frozen=True, slots=True)
class Pool:
    """Faces that a generator draws.

    Attributes:
        seed: Of their latents.
        truncation: Likewise.
        numbers: Which of the seed's faces they are.
        landmarks: float32, shape (n, 478, 2), pixels of the faces as drawn.
        share: Of the faces drawn, those in which a face was found.
    """

    seed: int
    truncation: float
    numbers: tuple[int, ...]
    landmarks: NDArray[np.float32]
    share: float

    def fitting(self, landmarks: Points, rng: np.random.Generator) -> int:
        """Draw the position of a face whose pose is near to that of landmarks, whatever their place and size."""
        drawn = rng.choice(len(self.numbers), min(CANDIDATES, len(self.numbers)), replace=False)
        wanted = frame.turn(landmarks)
        return int(min(drawn, key=lambda i: abs(abs(frame.turn(self.landmarks[i])) - abs(wanted))))


def make(maker: FaceMaker, seed: int = 1, tried: int = TRIED, truncation: float = TRUNCATION) -> Pool:
    """Draw faces and look for their landmarks.

    Raises:
        DataError: In too few of them a face is found.
    """
    found: dict[int, Points] = {}
    with FaceFinder() as finder:
        for number in range(tried):
            image = maker(maker.noise(seed, number, truncation)[None])[0]
            large = cv2.resize(image, (LARGE, LARGE), interpolation=cv2.INTER_CUBIC)
            faces = finder.find(np.asarray(large, np.uint8))
            if len(faces) == 1 and lm.bounds(faces[0].landmarks[: frame.RIGID]).width > LARGE / 4:
                found[number] = (faces[0].landmarks + 0.5) * (maker.side / LARGE) - 0.5
    share = len(found) / tried
    if share < LEAST:
        raise DataError(
            f"in {share:.0%} of {tried} faces of the generator a face is found, expected {LEAST:.0%} at least; "
            "train it for longer"
        )
    return Pool(
        seed, truncation, tuple(found), np.stack(list(found.values())).astype(np.float32), round(share, 3)
    )


def path_of(network: Path) -> Path:
    """Where the pool of a compiled generator lies."""
    return network.with_suffix(".faces.npz")


def save(pool: Pool, path: Path) -> None:
    """Write a pool.

    Raises:
        DataError: It can't be written.
    """
    with files.whole(path) as partial, partial.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            drawn=np.array([pool.seed, pool.truncation, pool.share]),
            numbers=np.array(pool.numbers),
            landmarks=pool.landmarks.astype(np.float16),
        )


def load(path: Path) -> Pool:
    """Read what `save` wrote.

    Raises:
        BundleError: It is missing or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            seed, truncation, share = (float(v) for v in stored["drawn"])
            numbers = tuple(int(n) for n in stored["numbers"])
            landmarks = stored["landmarks"].astype(np.float32)
        if not numbers or landmarks.shape != (len(numbers), lm.COUNT, 2) or not np.isfinite(landmarks).all():
            raise ValueError(f"{len(numbers)} faces with landmarks of shape {landmarks.shape}")
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BundleError(
            f"no faces of a generator can be read from {path}: {error}. It lies beside the gan.tflite of a run of "
            "`catchlight train-generator gan`; restore it, or run that again"
        ) from error
    return Pool(int(seed), truncation, numbers, landmarks, share)
