"""Generated media whose frames carry their own number, two invented people, a detector as training makes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from catchlight.detector.bundle import Bundle, save
from catchlight.detector.calibration import Calibration, KindCalibration

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


@pytest.fixture(scope="session")
def portraits(astronaut: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Two portraits, 180 x 180, that nobody would take for one person.

    The second is the first one mirrored, made narrower and darker, with a beard, a green suit and another wall.
    """
    first = np.ascontiguousarray(astronaut[0:260, 90:350])
    narrow = cv2.resize(first[:, ::-1], (220, 260), interpolation=cv2.INTER_AREA)
    second = cv2.copyMakeBorder(narrow, 0, 0, 20, 20, cv2.BORDER_REPLICATE)
    second = (second.astype(np.float32) * (0.62, 0.5, 0.42)).astype(np.uint8)
    cv2.ellipse(second, (140, 152), (34, 22), 0, 0, 180, (25, 15, 10), -1)
    second[190:] = second[190:, :, ::-1] // 2 + np.array((0, 70, 0), np.uint8)
    second[:120, :60] = second[:120, 215:] = (90, 90, 96)
    sized = [cv2.resize(image, (180, 180), interpolation=cv2.INTER_AREA) for image in (first, second)]
    return sized[0], sized[1]


@pytest.fixture(scope="session")
def calibration() -> Calibration:
    """A calibration as of a good detector: clear scores get a verdict, scores about 0.5 do not."""
    kind = KindCalibration(
        slope=1.5,
        intercept=0.0,
        replicas=((1.4, 0.1), (1.6, -0.1)),
        frame_spread=0.5,
        frame_error=0.2,
        real_below=0.3,
        fake_above=0.7,
        ece=0.02,
        real_people=200,
        fake_people=200,
        pooled=False,
    )
    return Calibration(kind, kind)


@pytest.fixture(scope="session")
def networks() -> dict[str, bytes]:
    """A network of two layers at 64 px, weights as they are born, compiled as training does: float and int8."""
    import keras

    from catchlight.detector.export import to_tflite

    keras.utils.set_random_seed(1)
    image = keras.Input((64, 64, 3), name="image")
    features = keras.layers.Conv2D(8, 4, strides=4, activation="relu")(keras.layers.Rescaling(1 / 255)(image))
    heatmap = keras.layers.Conv2D(1, 1, activation="sigmoid", name="heatmap")(features)
    pooled = keras.layers.GlobalAveragePooling2D()(features)
    score = keras.layers.Dense(1, activation="sigmoid", name="score")(pooled)
    noise = np.random.default_rng(1).integers(0, 256, (8, 64, 64, 3)).astype(np.uint8)
    return to_tflite(keras.Model(image, {"score": score, "heatmap": heatmap}), noise)


@pytest.fixture(scope="session")
def trained(
    networks: dict[str, bytes], calibration: Calibration, tmp_path_factory: pytest.TempPathFactory
) -> Bundle:
    """A bundle around these networks."""
    return save(
        tmp_path_factory.mktemp("bundles") / "tiny",
        name="tiny",
        version="1.0",
        side=64,
        backbone="two layers",
        networks=networks,
        default="float",
        outputs={"score": (1,), "heatmap": (16, 16, 1)},
        calibration=calibration,
        card="# Tiny\n",
    )
