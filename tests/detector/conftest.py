"""Generated media: clips whose every frame carries its own number, so that a test sees which one it got."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

BITS = 10


def paint_number(number: int, width: int = 160, height: int = 96) -> NDArray[np.uint8]:
    """A grey picture with ``number`` as black and white bars in its upper half; its lower right is red."""
    image = np.full((height, width, 3), 128, np.uint8)
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        image[: height // 2, left:right] = 255 * (number >> bit & 1)
    image[height // 2 :, width // 2 :] = (220, 30, 30)
    return image


@pytest.fixture(scope="session")
def read_number() -> Callable[[NDArray[np.uint8]], int]:
    """The number that ``make_clip`` painted into a frame."""

    def read(image: NDArray[np.uint8]) -> int:
        width = image.shape[1]
        row = image[image.shape[0] // 4].mean(axis=1)
        return sum(int(row[(2 * bit + 1) * width // (2 * BITS)] > 128) << bit for bit in range(BITS))

    return read


@pytest.fixture
def make_clip(tmp_path: Path) -> Callable[..., Path]:
    """Encode numbered frames.

    The arguments: file name, number of frames, codec, frames between key frames, times in milliseconds (for a
    variable rate), rotation in degrees, size, options of encoder and container.
    """

    def make(
        name: str = "clip.mp4",
        count: int = 60,
        codec: str = "libx264",
        gop: int = 250,
        times: Iterable[int] | None = None,
        rotation: int = 0,
        size: tuple[int, int] = (160, 96),
        options: dict[str, str] | None = None,
        container: dict[str, str] | None = None,
        pix_fmt: str = "yuv420p",
    ) -> Path:
        path = tmp_path / name
        stamps = list(times) if times is not None else None
        with av.open(str(path), "w", options=container or {}) as output:
            stream = output.add_stream(codec, rate=30)
            stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
            stream.options = {"g": str(gop), **(options or {})}
            if stamps:
                stream.codec_context.time_base = Fraction(1, 1000)
            if rotation:
                stream.set_display_rotation(rotation)
            for number in range(len(stamps) if stamps else count):
                frame = av.VideoFrame.from_ndarray(paint_number(number, *size), format="rgb24")
                if stamps:
                    frame.pts, frame.time_base = stamps[number], Fraction(1, 1000)
                output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
        return path

    return make
