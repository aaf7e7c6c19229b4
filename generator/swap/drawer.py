"""A compiled swap network at work: LiteRT, one face at a time, without TensorFlow.

drawer = Drawer()
drawn = drawer.draw(*(frame.cut(picture, landmarks, drawer.side) for picture, landmarks in (target, source)))
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.detector.types import Pixels
from catchlight.generator.networks import litert
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.networks.swap import CHANNELS
from catchlight.generator.swap.conditions import conditions, fitting
from catchlight.generator.types import Mask, Portrait

ONE_SHOT = WEIGHTS / "one_shot.tflite"
THREADS = 2  # one face gains little from more


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a network made: RGB uint8 of shape (side, side, 3), and its mask, float32 (side, side), 0 to 1."""

    image: Pixels
    mask: Mask


class Drawer:
    """Draws one person's face with the expression, pose and light of others.

    Not for use by two threads at once.

    Args:
        network: A compiled network, as `networks.compile_swap.compile_swap` makes them, or its bytes; the one-shot
            network that comes with the package without it.
        threads: Threads for one face.

    Attributes:
        side: Of the faces that go in and come out, pixels.
        one_shot: Whether the network serves any person.

    Raises:
        BundleError: The file is missing or no swap network.
    """

    def __init__(self, network: Path | bytes = ONE_SHOT, threads: int = THREADS) -> None:
        cores = min(threads, os.cpu_count() or 1)
        self._interpreter = litert.opened(network, cores, lambda why: _unfit(network, why))
        self._input, self._output = (
            details[0]
            for details in (self._interpreter.get_input_details(), self._interpreter.get_output_details())
        )
        into, out = litert.shape_of(self._input), litert.shape_of(self._output)
        self.side = _side(network, into, out)
        self.one_shot = into[3] == CHANNELS["one_shot"]

    def draw(self, target: Portrait, source: Portrait | None = None) -> Drawn:
        """Draw a person in place of a face.

        Args:
            target: The face to replace, as `frame.cut` gives it, of side `side`.
            source: The person, likewise; a pair's network knows its person and needs none.

        Raises:
            ConfigError: A one-shot network got no source.
        """
        shown = self._shown(target, source)[None].astype(np.float32)
        self._interpreter.set_tensor(self._input["index"], shown)
        self._interpreter.invoke()
        made = self._interpreter.get_tensor(self._output["index"])[0]
        image = np.clip(made[..., :3] * 255 + 0.5, 0, 255).astype(np.uint8)
        return Drawn(image, np.clip(np.asarray(made[..., 3], np.float32), 0, 1))

    def _shown(self, target: Portrait, source: Portrait | None) -> Pixels:
        if not self.one_shot:
            return target.image
        if source is None:
            raise ConfigError("a one-shot network needs a source: the face to put in")
        return conditions(fitting(source, target), target)


def _unfit(network: Path | bytes, why: str) -> BundleError:
    return BundleError(
        f"{_name(network)} is no compiled swap network ({why}). Expected a .tflite of a run of "
        "`catchlight train-generator autoencoder`."
    )


def _side(network: Path | bytes, into: tuple[int, ...], out: tuple[int, ...]) -> int:
    side = into[1] if len(into) == 4 else 0
    if into[:3] != (1, side, side) or into[-1] not in CHANNELS.values() or out != (1, side, side, 4):
        raise BundleError(
            f"{_name(network)} takes {into} and gives {out}; a swap network takes (1, side, side, 3 or 8) and gives "
            "(1, side, side, 4)."
        )
    return side


def _name(network: Path | bytes) -> str:
    return "this" if isinstance(network, bytes) else str(network)
