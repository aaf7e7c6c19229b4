"""A compiled generator at work: LiteRT, without TensorFlow.

maker = FaceMaker()
faces = maker.faces(16, seed=1)     # RGB uint8, shape (16, 64, 64, 3), of nobody
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator.networks import litert
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.types import key

SHIPPED = WEIGHTS / "gan.tflite"
TRUNCATION = 0.8  # of the latents' spread: fewer failed faces, less variety


class FaceMaker:
    """Draws faces of nobody. Not for use by two threads at once.

    Args:
        network: A compiled generator of `catchlight train-generator gan`; the one that comes with the package
            without it.
        threads: Threads for one face.

    Attributes:
        latent: Random numbers that a face is made from.
        side: Of the faces, pixels.

    Raises:
        BundleError: The file is missing or no generator.
    """

    def __init__(self, network: Path = SHIPPED, threads: int = 1) -> None:
        self._interpreter = litert.opened(network, threads, lambda why: _unfit(network, why))
        into, out = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input, self._output = into[0], out[0]
        self.latent, self.side = _sizes(network, litert.shape_of(into[0]), litert.shape_of(out[0]))

    def __call__(self, noise: NDArray[np.float32]) -> Pixels:
        """The faces of latents, float32 (n, latent): RGB uint8 (n, side, side, 3)."""
        return np.stack([self._draw(each) for each in noise])

    def faces(self, count: int, seed: int = 1, truncation: float = TRUNCATION) -> Pixels:
        """So many faces; face i is the same whatever the number.

        Args:
            count: Number of faces.
            seed: Of their latents.
            truncation: Share of the latents' spread, above 0 to 1: towards the mean face.

        Raises:
            ConfigError: The count is below 1, or the truncation out of its range.
        """
        if count < 1 or not 0 < truncation <= 1:
            raise ConfigError(
                f"count must be at least 1 and truncation above 0 to 1, received {count} and {truncation:g}"
            )
        return self(np.stack([self.noise(seed, i, truncation) for i in range(count)]))

    def noise(self, seed: int, number: int, truncation: float = TRUNCATION) -> NDArray[np.float32]:
        """The latent of one of a seed's faces, float32 (latent,)."""
        return key(seed, f"face/{number}").standard_normal(self.latent, np.float32) * np.float32(truncation)

    def _draw(self, noise: NDArray[np.float32]) -> Pixels:
        self._interpreter.set_tensor(self._input["index"], noise[None].astype(np.float32))
        self._interpreter.invoke()
        made = self._interpreter.get_tensor(self._output["index"])[0]
        return np.asarray(np.clip(made * 127.5 + 128, 0, 255), np.uint8)


def _sizes(path: Path, into: tuple[int, ...], out: tuple[int, ...]) -> tuple[int, int]:
    if len(into) != 2 or len(out) != 4 or out[1] != out[2] or out[3] != 3:
        raise _unfit(path, f"it takes {into} and gives {out}")
    return into[1], out[1]


def _unfit(path: Path, why: str) -> BundleError:
    return BundleError(
        f"{path} is no compiled generator: {why}. Expected the gan.tflite of a run of "
        "`catchlight train-generator gan`."
    )
