"""What a generator can do: how near its faces come to held-out real ones, and whether it repeats faces of training.

Three sheets: `sheet`, faces of fixed latents; `walks`, the ways from one face to another; `truncations`, the same
latents drawn towards the mean face, which are plainer and cleaner. `neighbours` shows made faces beside the nearest
faces of training, which are real people: it is for the eyes of who trains, not for publication.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import files
from catchlight.detector.types import Pixels
from catchlight.generator.gan.distance import Copies, copies, kid
from catchlight.generator.gan.features import Features
from catchlight.generator.networks.train_gan import drawn

Floats = NDArray[np.float32]
COLUMNS, ROWS = 12, 6  # of a sheet
TRUNCATIONS = (0.2, 0.4, 0.6, 0.8, 1.0)
SAMPLES = "samples.npz"
LEAST = 1e-4  # distance that can be told from none with some hundred faces


@dataclass(frozen=True, slots=True)
class Trial:
    """Fixed latents and real faces that a run is measured by.

    Attributes:
        noise: Latents, float32 (n, latent).
        held_out: Real faces of people that are not trained on, RGB uint8 (m, side, side, 3).
        known: Real faces that are.
        features: What they are compared by.
        held_features: Of ``held_out``.
        floor: Distance of faces that are trained on from those that are not: what a perfect generator would have.
    """

    noise: Floats
    held_out: Pixels
    known: Pixels
    features: Features
    held_features: Floats
    floor: float

    def measure(self, model: Any) -> dict[str, float]:
        """Kernel distance of made faces from held-out real ones, and beside it that of training faces (`floor`).

        The score is minus its logarithm, so that a gain is a share of it.
        """
        distance = kid(self.features(drawn(model, self.noise)), self.held_features)
        score = -math.log(max(distance, LEAST))
        return {"score": round(score, 4), "kid": round(distance, 6), "floor": self.floor}

    def sheet(self, model: Any) -> Pixels:
        """Faces of fixed latents."""
        return grid(drawn(model, self.noise[: COLUMNS * ROWS]), COLUMNS)

    def neighbours(self, model: Any) -> tuple[Pixels, Copies]:
        """The made faces that lie nearest to a face of training, each above it."""
        made = drawn(model, self.noise)
        found = copies(self._both(made), self.features(self.known), self._both(self.held_out))
        first = list(found.order[:COLUMNS])
        pairs = np.concatenate([made[first], self.known[list(found.nearest[:COLUMNS])]])
        return grid(pairs, COLUMNS), found

    def _both(self, images: Pixels) -> Floats:
        """Features of pictures as they are and mirrored, for those of training are seen both ways."""
        return np.stack([self.features(images), self.features(np.ascontiguousarray(images[:, :, ::-1]))])

    def keep_samples(self, model: Any, folder: Path) -> Path:
        """Store what the kernel distance is of, so that it can be computed again by others.

        Returns:
            An `.npz` of ``made`` (RGB uint8), ``made_features``, ``real_features`` and ``features`` (their name).

        Raises:
            DataError: It can't be written.
        """
        made = drawn(model, self.noise)
        path = folder / SAMPLES
        with files.whole(path) as partial, partial.open("wb") as file:
            np.savez_compressed(
                file,
                allow_pickle=False,
                made=made,
                made_features=self.features(made),
                real_features=self.held_features,
                features=np.array(self.features.name),
            )
        return path


def trial(
    known: Pixels, held_out: Pixels, features: Features, latent: int, count: int = 400, seed: int = 1
) -> Trial:
    """A trial of so many made faces."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((count, latent), np.float32)
    some = known[rng.permutation(len(known))[:count]]
    held_features = features(held_out)
    floor = round(kid(features(some), held_features), 6)
    return Trial(noise, held_out, known, features, held_features, floor)


def walks(draw: Any, seed: int, rows: int = 4) -> Pixels:
    """Ways between faces: each row begins and ends with a face of random latents.

    Args:
        draw: Latents (n, latent) to RGB uint8; has an attribute ``latent``.
        seed: Of the latents.
        rows: Number of ways.
    """
    rng = np.random.default_rng(seed)
    ends = rng.standard_normal((rows, 2, draw.latent), np.float32)
    along = np.linspace(0, 1, COLUMNS, dtype=np.float32)
    return grid(draw(np.concatenate([[between(a, b, float(t)) for t in along] for a, b in ends])), COLUMNS)


def truncations(draw: Any, seed: int, columns: int = COLUMNS) -> Pixels:
    """The same faces at `TRUNCATIONS`, a row each; arguments as of `walks`."""
    noise = np.random.default_rng(seed).standard_normal((columns, draw.latent), np.float32)
    return grid(draw(np.concatenate([noise * np.float32(by) for by in TRUNCATIONS])), columns)


def between(a: Floats, b: Floats, share: float) -> Floats:
    """On the way from one latent to another, along which lengths stay those of latents (White, 2016: slerp)."""
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    angle = float(np.arccos(np.clip(a @ b / (lengths[0] * lengths[1]), -1, 1)))
    if angle < 1e-4:
        return np.asarray((1 - share) * a + share * b, np.float32)
    parts = np.sin((1 - share) * angle) * a + np.sin(share * angle) * b
    return np.asarray(parts / np.sin(angle), np.float32)


def grid(images: Pixels | Sequence[Pixels], columns: int) -> Pixels:
    """Pictures of one size in rows; the last row is filled up with white."""
    shown = np.asarray(images, np.uint8)
    missing = -len(shown) % columns
    if missing:
        shown = np.concatenate([shown, np.full((missing, *shown.shape[1:]), 255, np.uint8)])
    rows = shown.reshape(-1, columns, *shown.shape[1:])
    return np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
