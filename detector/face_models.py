"""The face networks that MediaPipe's package brings, run by LiteRT; MediaPipe itself is not imported.

Importing MediaPipe and starting its graphs takes .7 s and 110 MB, and where TensorFlow is installed it loads that, too.
Its models alone take .2 s and 50 MB, and give the same faces (`blaze`, `mesh`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import interpreter
from catchlight.detector.packaged import packaged

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FaceModel:
    """A model of MediaPipe's: its file in the package, and the SHA-256 of its contents."""

    name: str
    sha256: str

    def path(self) -> Path:
        """Where it lies.

        Raises:
            ConfigError: MediaPipe is not installed, or in a release that does not bring this model.
        """
        (path,) = packaged(
            "mediapipe",
            [self.name],
            self.sha256,
            missing="MediaPipe brings the networks that find faces; run `pip install mediapipe==0.10.21`",
            altered="only MediaPipe 0.10.21 brings it so; run `pip install --force-reinstall mediapipe==0.10.21`",
        )
        return path


FAR = FaceModel(
    "modules/face_detection/face_detection_full_range_sparse.tflite",
    "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1",
)
NEAR = FaceModel(
    "modules/face_detection/face_detection_short_range.tflite",
    "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
)
MESH = FaceModel(
    "modules/face_landmark/face_landmark_with_attention.tflite",
    "e06a804e0144f9929eda782122916b35d60c697c3c9344013ca2bbe76a6ce2b4",
)


class Runner:
    """A model ready to run, on one thread. Not for use by two threads at once.

    Args:
        source: Path of a TFLite file, or its bytes.

    Example:
        >>> boxes, scores = Runner(NEAR.path()).run(np.zeros((1, 128, 128, 3), np.float32))
        >>> boxes.shape, scores.shape
        ((1, 896, 16), (1, 896, 1))
    """

    def __init__(self, source: Path | bytes) -> None:
        self._interpreter = interpreter.ready(source, threads=1)
        self._inputs = [one["index"] for one in self._interpreter.get_input_details()]
        self._outputs = [one["index"] for one in self._interpreter.get_output_details()]

    def run(self, *values: Floats) -> list[Floats]:
        """What the model makes of its inputs, in the order in which the model names them."""
        for index, value in zip(self._inputs, values, strict=True):
            self._interpreter.set_tensor(index, value)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]
