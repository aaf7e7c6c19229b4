"""Runs a bundle's compiled network with LiteRT: no TensorFlow, 34 MB and 0.1 s of import.

The network takes pixels as they are (RGB, 0 to 255): whatever normalisation it wants is its own first layer,
so training and scoring can't differ.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import interpreter
from catchlight.detector.bundle import Bundle, load
from catchlight.detector.calibration import Calibration
from catchlight.detector.errors import BundleError
from catchlight.detector.types import Crop, Pixels, Scores

Heatmaps = NDArray[np.float32]

MOST_THREADS = 4  # one image gains little beyond


class Network:
    """A compiled network: pixels in, probabilities of fake (and heatmaps) out.

    One image at a time: batches gain 5 % on a CPU and cost memory. A lock guards the interpreter, so threads
    may share a network; they wait for one another.

    Args:
        source: Path of a TFLite file, or its bytes.
        threads: Threads for one image; None takes what the machine has, up to 4.

    Raises:
        BundleError: The file is no network of this kind.

    Example:
        >>> network = Network("bundle/network.float.tflite")                            # doctest: +SKIP
        >>> scores, heatmaps = network.run(np.zeros((2, 224, 224, 3), np.uint8))        # doctest: +SKIP
    """

    def __init__(self, source: str | os.PathLike[str] | bytes, threads: int | None = None) -> None:
        self._lock = threading.Lock()
        self._interpreter = _interpreter(source, threads or min(MOST_THREADS, os.cpu_count() or 1))
        self._input = _only_input(self._interpreter.get_input_details())
        outputs = self._interpreter.get_output_details()
        self._score = _only_score(outputs)
        self._heatmap = next((output for output in outputs if _is_heatmap(output)), None)

    @property
    def side(self) -> int:
        """Side of the square input in pixels."""
        return int(self._input["shape"][1])

    @property
    def has_heatmap(self) -> bool:
        """Whether the network says where in the picture its evidence lies."""
        return self._heatmap is not None

    def run(self, images: Pixels) -> tuple[Scores, Heatmaps | None]:
        """Score pictures.

        Args:
            images: RGB uint8, shape (n, side, side, 3).

        Returns:
            Probabilities of fake, float64, shape (n,); heatmaps, float32, shape (n, height, width), each value
            a probability, or None when the network has no such output.

        Raises:
            BundleError: The images don't fit the network, or it gave something that is no probability.
        """
        expected = (self.side, self.side, 3)
        if images.ndim != 4 or images.shape[1:] != expected or images.dtype != np.uint8:
            raise BundleError(
                f"images must be uint8 of shape (n, {self.side}, {self.side}, 3), "
                f"received {images.dtype} of shape {images.shape}."
            )
        with self._lock:
            answers = [self._run_one(image) for image in images]
        scores = _probabilities(np.array([score for score, _ in answers], np.float64), "score")
        if self._heatmap is None:
            return scores, None
        height, width = (int(size) for size in self._heatmap["shape"][1:3])
        heatmaps = np.array([heatmap for _, heatmap in answers], np.float32).reshape(-1, height, width)
        return scores, _probabilities(heatmaps, "heatmap").astype(np.float32)

    def _run_one(self, image: Pixels) -> tuple[float, NDArray[Any] | None]:
        self._interpreter.set_tensor(self._input["index"], _quantised(image[np.newaxis], self._input))
        self._interpreter.invoke()
        return float(self._read(self._score).item()), None if self._heatmap is None else self._read(
            self._heatmap
        )

    def _read(self, output: dict[str, Any]) -> NDArray[Any]:
        value: NDArray[Any] = self._interpreter.get_tensor(output["index"])
        scale, zero = output["quantization"]
        return (value.astype(np.float64) - zero) * scale if scale else value


class BundleDetector:
    """The detector of a bundle: each crop is scored on its own.

    Attributes:
        bundle: What was loaded.

    Args:
        bundle: A verified bundle.
        form: Form of the network (``float``, ``int8``); None takes the bundle's default.
        threads: As for `Network`.

    Raises:
        BundleError: The network is not what the bundle's manifest says.
    """

    def __init__(self, bundle: Bundle, form: str | None = None, threads: int | None = None) -> None:
        self.bundle = bundle
        self._network = Network(bundle.network_file(form), threads)
        said = (bundle.network.side, "heatmap" in bundle.network.outputs)
        found = (self._network.side, self._network.has_heatmap)
        if said != found:
            raise BundleError(
                f"bundle {bundle.name!r} promises (side, heatmap) = {said}, but its network has {found}. "
                "Save the bundle anew."
            )

    @property
    def side(self) -> int:
        """Side in pixels of the crops that need no resizing."""
        return self._network.side

    @property
    def calibration(self) -> Calibration:
        """How its scores become probabilities."""
        return self.bundle.calibration

    def score(self, crops: Sequence[Crop]) -> Scores:
        """One probability of fake per crop: float64, shape (n,)."""
        return self.explain(crops)[0]

    def heatmaps(self, crops: Sequence[Crop]) -> Heatmaps | None:
        """Where in each crop the evidence lies: float32, shape (n, h, w), 0 to 1; None without such an output."""
        return self.explain(crops)[1]

    def explain(self, crops: Sequence[Crop]) -> tuple[Scores, Heatmaps | None]:
        """`score` and `heatmaps` in one pass over the network."""
        images = np.empty((len(crops), self.side, self.side, 3), np.uint8)
        for image, crop in zip(images, crops, strict=True):
            image[:] = _resized(crop.image, self.side)
        return self._network.run(images)


def mobilenet() -> BundleDetector:
    """The default detector: MobileNetV2, from the bundle that comes with the package."""
    return BundleDetector(load("mobilenet"))


def meso() -> BundleDetector:
    """MesoNet (Afchar et al. 2018), from the bundle that comes with the package: tiny and quick."""
    return BundleDetector(load("meso"))


def _interpreter(source: str | os.PathLike[str] | bytes, threads: int) -> Any:
    try:
        return interpreter.ready(source, threads)
    except (ValueError, RuntimeError) as error:
        raise BundleError(f"this is no TFLite network ({error}). Export it anew.") from error


def _only_input(details: list[dict[str, Any]]) -> dict[str, Any]:
    shapes = [tuple(int(size) for size in detail["shape"]) for detail in details]
    if len(shapes) == 1 and len(shapes[0]) == 4 and shapes[0] == (1, shapes[0][1], shapes[0][1], 3):
        return details[0]
    raise BundleError(f"the network must take one image of shape (1, side, side, 3), it takes {shapes}.")


def _only_score(outputs: list[dict[str, Any]]) -> dict[str, Any]:
    scores = [output for output in outputs if tuple(output["shape"]) in {(1,), (1, 1)}]
    if len(scores) == 1:
        return scores[0]
    shapes = [tuple(int(size) for size in output["shape"]) for output in outputs]
    raise BundleError(f"the network must give exactly one score of shape (1, 1), its outputs are {shapes}.")


def _is_heatmap(output: dict[str, Any]) -> bool:
    shape = tuple(output["shape"])
    return len(shape) == 4 and shape[0] == shape[3] == 1


def _quantised(image: Pixels, details: dict[str, Any]) -> NDArray[Any]:
    scale, zero = details["quantization"]
    dtype = np.dtype(details["dtype"])
    if not scale or (scale == 1.0 and zero == 0 and dtype == np.uint8):
        return image.astype(dtype, copy=False)
    limits = np.iinfo(dtype)
    return np.asarray(np.clip(np.rint(image / scale) + zero, limits.min, limits.max), dtype)


def _probabilities(values: NDArray[Any], what: str) -> NDArray[Any]:
    # Dequantised ends may overshoot by a rounding step.
    if not np.all((values >= -0.01) & (values <= 1.01)):
        raise BundleError(
            f"the network's {what} must be probabilities from 0 to 1, received values such as "
            f"{values[~((values >= -0.01) & (values <= 1.01))][0]}. Its bundle is unusable; train it anew."
        )
    return np.clip(values, 0.0, 1.0)


def _resized(image: Pixels, side: int) -> Pixels:
    if image.shape[:2] == (side, side):
        return image
    shrinks = image.shape[0] > side
    return np.asarray(
        cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR),
        np.uint8,
    )
