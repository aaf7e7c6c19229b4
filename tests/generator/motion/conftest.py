"""Faces that move: one photograph's, shifted and bent, and an untrained network, which is a warp by landmarks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from catchlight.generator.motion import frame
from catchlight.generator.swap.frame import cut_by
from catchlight.generator.types import Portrait
from catchlight.generator.warp import moved, transformed, warp

SIDE = 64


def drift(face: Portrait, number: int) -> Portrait:
    """The face a little aside, larger and with its mouth wider open, by number."""
    by = np.array([[1 + 0.01 * number, 0, 0.9 * number], [0, 1 + 0.01 * number, -0.6 * number]])
    return Portrait(transformed(face.image, by), moved(face.landmarks, by))


def opened(face: Portrait, much: float) -> Portrait:
    """The face with its jaw lower, in shares of the side."""
    below = np.clip((face.landmarks[:, 1] - face.landmarks[13, 1]) / np.ptp(face.landmarks[:, 1]), 0, 1)
    landmarks = face.landmarks + np.stack([0 * below, much * len(face.image) * below], axis=1)
    return Portrait(warp(face, landmarks.astype(np.float32)), landmarks.astype(np.float32))


@pytest.fixture(scope="session")
def square(astronaut, astronaut_face) -> Portrait:
    """The astronaut's face in its square, 64 px."""
    points = astronaut_face.landmarks
    return cut_by(astronaut, points, frame.matrix([points], SIDE), SIDE)


@pytest.fixture(scope="session")
def moving(square) -> tuple[Portrait, ...]:
    """Five moments of her."""
    return tuple(opened(drift(square, 2 * n), 0.01 * n) for n in range(5))


@pytest.fixture(scope="session")
def untrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled network with first weights."""
    import keras

    from catchlight.generator.motion.training import compile_motion
    from catchlight.generator.networks import motion, stored
    from catchlight.generator.networks.motion import MotionConfig

    keras.utils.set_random_seed(1)
    config = MotionConfig(side=SIDE, width=4)
    folder = tmp_path_factory.mktemp("motion")
    stored.save(motion.build(config), config, folder / "motion.npz")
    return compile_motion(folder / "motion.npz", folder / "motion.tflite")


@pytest.fixture(scope="session")
def film():
    """Writes a clip of frames at times, with a tone where ``sound`` is true."""
    return write_clip


def write_clip(path: Path, frames, times, sound: bool = False) -> Path:
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", options={"crf": "14"})
        video.height, video.width, video.pix_fmt = *frames[0].shape[:2], "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        audio = out.add_stream("aac", rate=16000, layout="mono") if sound else None
        for image, time in zip(frames, times, strict=True):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            picture.pts, picture.time_base = round(1000 * time), Fraction(1, 1000)
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
        if audio:
            tone = (0.2 * np.sin(np.arange(8192) * 0.17)).astype(np.float32)[None]
            heard = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            heard.sample_rate, heard.pts = 16000, 0
            out.mux(audio.encode(heard))
            out.mux(audio.encode(None))
    return path
