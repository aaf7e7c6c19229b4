"""A compiled motion network at work: LiteRT, without TensorFlow; pictures of any size.

The network sees the source small; its motion is applied to the source as large as it is, so detail stays, and only what
it paints is small.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from catchlight.detector.errors import BundleError
from catchlight.detector.types import Pixels, Points
from catchlight.generator.motion import keypoints
from catchlight.generator.networks import litert
from catchlight.generator.networks.kinds import WEIGHTS
from catchlight.generator.networks.motion import CHANNELS, grid
from catchlight.generator.swap.conditions import openings
from catchlight.generator.types import Portrait

SHIPPED = WEIGHTS / "motion.tflite"


class Animator:
    """Moves a face. Not for use by two threads at once.

    Args:
        network: A compiled network of `catchlight train-generator motion`; the one that comes with the package
            without it.
        threads: Threads for one picture.

    Attributes:
        side: Of the pictures that the network sees, pixels.

    Raises:
        BundleError: The file is missing or no motion network.
    """

    def __init__(self, network: Path = SHIPPED, threads: int = 1) -> None:
        self._interpreter = litert.opened(network, threads, lambda why: _unfit(network, why))
        self._inputs = {litert.shape_of(d)[1:]: d["index"] for d in self._interpreter.get_input_details()}
        self._output = self._interpreter.get_output_details()[0]
        self.side = self._checked(network)

    def move(self, source: Portrait, landmarks: Points) -> Pixels:
        """Draw a face with its landmarks elsewhere.

        Args:
            source: The face, as `frame.matrix` lays the square around it, of any side.
            landmarks: float32 (478, 2), pixels of the result, which has the source's shape.

        Returns:
            RGB uint8.
        """
        large = source.image.shape[0]
        picture, warped, motion = self._told(source, landmarks)
        # The shift is enlarged, not the places: those would end too early at the border.
        field = cv2.resize(motion - grid(self.side), (large, large), interpolation=cv2.INTER_LINEAR) + grid(
            large
        )
        u, v = (np.ascontiguousarray((field[..., axis] + 1) * (large / 2) - 0.5) for axis in (0, 1))
        drawn = cv2.remap(source.image, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        painted = cv2.resize(255 * (picture - warped), (large, large), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(drawn + painted + 0.5, 0, 255), np.uint8)

    def _told(self, source: Portrait, landmarks: Points) -> tuple[Any, Any, Any]:
        """Small: the picture, the warped source, and the motion."""
        large, side = source.image.shape[0], self.side
        image = cv2.resize(source.image, (side, side), interpolation=cv2.INTER_AREA)
        small = (landmarks + 0.5) * (side / large) - 0.5
        maps, places = keypoints.motion(source.landmarks, landmarks, large)
        opening = openings(np.asarray(small, np.float32), side)[..., None]
        for value in (image, maps, places, opening):
            self._interpreter.set_tensor(self._inputs[value.shape], value[None].astype(np.float32))
        self._interpreter.invoke()
        made = self._interpreter.get_tensor(self._output["index"])[0]
        return np.clip(made[..., :3], 0, 1), made[..., 3:6], np.ascontiguousarray(made[..., 6:8])

    def _checked(self, path: Path) -> int:
        shape, points = litert.shape_of(self._output), len(keypoints.PARTS)
        side = shape[1] if len(shape) == 4 else 0
        needed = {(side, side, 3), (points, 6), (points, 2), (side, side, 1)}
        if shape != (1, side, side, CHANNELS) or set(self._inputs) != needed:
            raise _unfit(path, f"it takes {sorted(self._inputs)} and gives {shape}")
        return side


def _unfit(path: Path, why: str) -> BundleError:
    return BundleError(
        f"{path} is no compiled motion network: {why}. Expected the motion.tflite of a run of "
        "`catchlight train-generator motion`."
    )
