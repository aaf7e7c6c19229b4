"""What happens to pictures on their way: one implementation for training and for robustness tests.

Each step takes RGB uint8 of shape (height, width, 3) and returns the same shape. A `History` is a drawn list
of steps; the two members of a training pair go through one and the same history, so that compression,
size or light can't tell real from fake.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from catchlight.detector.errors import UnknownName
from catchlight.detector.types import Pixels


@dataclass(frozen=True, slots=True)
class Step:
    """One degradation: its name in `STEPS` and its parameters."""

    name: str
    values: tuple[float, ...] = ()


History = tuple[Step, ...]


def apply(image: Pixels, history: History) -> Pixels:
    """Send a picture through a history.

    Args:
        image: RGB uint8, shape (height, width, 3).
        history: Steps in order.

    Returns:
        RGB uint8 of the same shape.

    Raises:
        UnknownName: If there is no such step; the message lists the valid ones.

    Example:
        >>> picture = np.zeros((64, 64, 3), np.uint8)
        >>> apply(picture, (Step("jpeg", (50,)), Step("resize", (0.5, 2)))).shape
        (64, 64, 3)
    """
    for step in history:
        if step.name not in STEPS:
            raise UnknownName("degradation", step.name, STEPS)
        image = STEPS[step.name](image, *step.values)
    return image


def draw(rng: np.random.Generator, strength: float = 1.0) -> History:
    """Draw a history as pictures have it on the web.

    Args:
        rng: Source of randomness.
        strength: Factor on the probability of each step, 0 to 1.

    Returns:
        Zero to six steps: light and colour, blur or noise, a resize chain, then JPEG or H.264, once or twice.
    """
    steps: list[Step] = []

    def maybe(probability: float, name: str, *values: float) -> None:
        if rng.random() < probability * strength:
            steps.append(Step(name, values))

    maybe(0.5, "tone", rng.uniform(-25, 25), rng.uniform(0.85, 1.15), rng.uniform(0.7, 1.3))
    maybe(0.3, "hue", *rng.uniform(-8, 8, 1), rng.uniform(0.8, 1.2))
    maybe(0.05, "grey")
    maybe(0.15, "blur", rng.uniform(0.3, 1.4))
    maybe(0.15, "noise", rng.uniform(1, 7), float(rng.integers(2**31)))
    maybe(0.35, "resize", rng.uniform(0.4, 1.0), float(rng.integers(4)))
    if rng.random() < 0.35:
        maybe(1.0, "h264", float(rng.integers(18, 38)))
    else:
        maybe(0.75, "jpeg", float(rng.integers(40, 100)))
    maybe(0.2, "jpeg", float(rng.integers(50, 98)))
    return tuple(steps)


def jpeg(image: Pixels, quality: float) -> Pixels:
    """Encode as JPEG of ``quality`` 1 to 100 (4:2:0) and decode again."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    return _rgb(cv2.imdecode(data, cv2.IMREAD_COLOR))


def h264(image: Pixels, crf: float) -> Pixels:
    """Encode as a key frame of H.264 at constant rate factor ``crf`` (0 to 51) and decode again."""
    import av

    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="h264") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": str(round(crf)), "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = even.shape[1], even.shape[0], "yuv420p"
        stream.thread_count = 1
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even, np.uint8), format="rgb24")
        out.mux([*stream.encode(frame), *stream.encode(None)])
    buffer.seek(0)
    with av.open(buffer, "r", format="h264") as back:
        decoded = next(iter(back.decode(video=0))).to_ndarray(format="rgb24")
    return np.asarray(decoded[:height, :width], np.uint8)


def resize(image: Pixels, factor: float, kind: float = 0.0) -> Pixels:
    """Scale by ``factor`` and back; ``kind`` 0 to 3 chooses area, linear, cubic or nearest for the way down."""
    height, width = image.shape[:2]
    small = (max(8, round(width * factor)), max(8, round(height * factor)))
    way = (cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)[int(kind) % 4]
    back = cv2.INTER_CUBIC if int(kind) % 2 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(cv2.resize(image, small, interpolation=way), (width, height), interpolation=back)
    )


def blur(image: Pixels, sigma: float) -> Pixels:
    """Gaussian blur with ``sigma`` in pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(sigma, 0.05)), np.uint8)


def noise(image: Pixels, sigma: float, seed: float = 0.0) -> Pixels:
    """Add Gaussian noise of standard deviation ``sigma`` grey levels, the same for the same ``seed``."""
    grain = np.random.Generator(np.random.Philox(int(seed))).standard_normal(image.shape[:2], np.float32)
    return _clip(image.astype(np.float32) + sigma * grain[..., None])


def tone(image: Pixels, shift: float, gain: float, gamma: float) -> Pixels:
    """Brightness shift in grey levels, contrast gain about mid-grey, and gamma; by one look-up table."""
    level = np.arange(256, dtype=np.float32) / 255
    table = _clip(((level**gamma) * 255 - 128) * gain + 128 + shift)
    return np.asarray(cv2.LUT(image, table), np.uint8)


def hue(image: Pixels, degrees: float, saturation: float) -> Pixels:
    """Turn the hue by ``degrees`` (of 180) and scale the saturation."""
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).astype(np.int16)
    hsv[..., 0] = (hsv[..., 0] + round(degrees)) % 180
    hsv[..., 1] = np.clip(hsv[..., 1] * saturation, 0, 255)
    return np.asarray(cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB), np.uint8)


def grey(image: Pixels) -> Pixels:
    """Black and white, still with three channels."""
    return np.repeat(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[..., None], 3, axis=2)


def _rgb(bgr: object) -> Pixels:
    return np.asarray(cv2.cvtColor(np.asarray(bgr, np.uint8), cv2.COLOR_BGR2RGB), np.uint8)


def _clip(values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Pixels:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


STEPS: dict[str, Callable[..., Pixels]] = {
    "jpeg": jpeg,
    "h264": h264,
    "resize": resize,
    "blur": blur,
    "noise": noise,
    "tone": tone,
    "hue": hue,
    "grey": grey,
}
