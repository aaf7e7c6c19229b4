"""What happens to pictures on their way: one implementation for training and for robustness tests.

Each step takes RGB uint8 of shape (height, width, 3) and returns the same shape. A `History` is a drawn list
of steps; the two members of a training pair go through one and the same history, so that compression,
size or light can't tell real from fake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import UnknownName
from catchlight.detector.types import Pixels


@dataclass(frozen=True, slots=True)
class Step:
    """One degradation: its name in `STEPS` and its parameters."""

    name: str
    values: tuple[float, ...] = ()


History = tuple[Step, ...]

GRAIN = (2.0, 12.0)  # levels of noise in each channel, as of a telephone in the dark
WEB_SIZE, WEB_QUALITY = (0.5, 1.0), (50, 92)  # what a website leaves of a side, and its WebP

_LEVELS = np.arange(256)
# Light of each level, by sRGB's usual fit.
_LINEAR = (_LEVELS.astype(np.float32) / 255) ** np.float32(2.2)
# Linear sRGB to linear Display P3 (both with white D65), from the primaries of IEC 61966-2-1 and SMPTE EG 432-1.
_SRGB_TO_P3 = np.array([[0.8225, 0.1774, 0.0], [0.0332, 0.9669, 0.0], [0.0171, 0.0724, 0.9108]])


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


def draw(
    rng: np.random.Generator,
    strength: float = 1.0,
    apps: bool = False,
    websites: float = 0.0,
    grain: float = 0.0,
) -> History:
    """Draw a history as pictures have it on the web.

    Args:
        rng: Source of randomness.
        strength: Factor on the probability of each step, 0 to 1.
        apps: Go on with what telephones and apps do: sharpening, screenshots, messengers. What is drawn before is
            the same with and without.
        websites: Probability that a website shows it at the end, before ``strength``; likewise.
        grain: Probability that a camera in the dark adds noise at the beginning, before ``strength``; likewise.

    Returns:
        Zero to nine steps: light and colour, blur or noise, a resize chain, then JPEG or H.264, once or twice; with
        ``apps`` up to three more, and a website; with ``grain`` one before all of them.
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
    if apps:
        maybe(0.15, "sharpen", rng.uniform(0.2, 1.0), rng.uniform(0.7, 1.5))
        lossy = float(rng.choice((0, 0, 75, 85, 92)))
        maybe(0.15, "screenshot", rng.uniform(0.6, 1.6), rng.uniform(0.9, 1.1), rng.uniform(0, 1), lossy)
        maybe(0.25, "messenger", rng.uniform(120, 480), rng.uniform(60, 80), float(rng.integers(1, 3)))
    if websites:
        shown = of_website(rng)
        steps += shown if rng.random() < websites * strength else ()
    if grain:
        dark = Step("grain", (rng.uniform(*GRAIN), float(rng.integers(2**31))))
        steps = [dark, *steps] if rng.random() < grain * strength else steps
    return tuple(steps)


def of_website(rng: np.random.Generator) -> History:
    """Draw what a website does to a picture that it shows: smaller, and in WebP."""
    return (Step("website", (rng.uniform(*WEB_SIZE), rng.uniform(*WEB_QUALITY))),)


def jpeg(image: Pixels, quality: float) -> Pixels:
    """Encode as JPEG of ``quality`` 1 to 100 (4:2:0) and decode again."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, round(quality)])
    return _rgb(cv2.imdecode(data, cv2.IMREAD_COLOR))


def website(image: Pixels, factor: float, quality: float) -> Pixels:
    """Scale by ``factor`` (at most 1), encode as lossy WebP of ``quality`` 1 to 100, decode, and scale back."""
    height, width = image.shape[:2]
    size = (max(8, round(width * factor)), max(8, round(height * factor)))
    small = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, round(quality)])
    shown = _rgb(cv2.imdecode(data, cv2.IMREAD_COLOR))
    return np.asarray(cv2.resize(shown, (width, height)), np.uint8)


def h264(image: Pixels, crf: float) -> Pixels:
    """Encode as a key frame of H.264 at constant rate factor ``crf`` (0 to 51) and decode again."""
    import av

    height, width = image.shape[:2]
    even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    frame = av.VideoFrame.from_ndarray(np.asarray(even, np.uint8), format="rgb24")
    frame = frame.reformat(format="yuv420p", threads=1)  # more of them cost more than they bring
    # Codecs alone: to open a container, and to have it guess what it holds, costs as much as to encode.
    encoder = av.VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuv420p"
    encoder.time_base, encoder.thread_count = Fraction(1, 25), 1
    encoder.options = {"crf": str(round(crf)), "preset": "veryfast"}
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    decoder = av.VideoCodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoded = next(back for packet in (*packets, None) for back in decoder.decode(packet))
    return np.asarray(decoded.reformat(format="rgb24", threads=1).to_ndarray()[:height, :width], np.uint8)


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
    one = sigma * _grain(int(seed), image.shape[:2])
    return _added(image, np.asarray(cv2.merge([one, one, one]), np.float32))


def grain(image: Pixels, sigma: float, seed: float = 0.0) -> Pixels:
    """The same in each channel by itself, as of a sensor in the dark."""
    return _added(image, sigma * _grain(int(seed), image.shape))


def _added(image: Pixels, change: NDArray[np.float32]) -> Pixels:
    return np.asarray(cv2.add(image, change, dtype=cv2.CV_8U), np.uint8)


@lru_cache(maxsize=4)  # the members of a pair get the same grain, one after the other
def _grain(seed: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    return np.random.Generator(np.random.Philox(seed)).standard_normal(shape, np.float32)


def tone(image: Pixels, shift: float, gain: float, gamma: float) -> Pixels:
    """Brightness shift in grey levels, contrast gain about mid-grey, and gamma; by one look-up table."""
    level = _LEVELS.astype(np.float32) / 255
    table = _clip(((level**gamma) * 255 - 128) * gain + 128 + shift)
    return np.asarray(cv2.LUT(image, table), np.uint8)


def hue(image: Pixels, degrees: float, saturation: float) -> Pixels:
    """Turn the hue by ``degrees`` (of 180) and scale the saturation."""
    turned, scaled = (_LEVELS + round(degrees)) % 180, np.clip(_LEVELS * saturation, 0, 255)
    table = np.stack([turned, scaled, _LEVELS], axis=-1).astype(np.uint8)[None]
    hsv = cv2.LUT(cv2.cvtColor(image, cv2.COLOR_RGB2HSV), table)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)


def grey(image: Pixels) -> Pixels:
    """Black and white, still with three channels."""
    return np.repeat(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[..., None], 3, axis=2)


def sharpen(image: Pixels, amount: float, sigma: float = 1.5) -> Pixels:
    """Unsharp mask: add ``amount`` of what a Gaussian blur with ``sigma`` in pixels takes away."""
    soft = cv2.GaussianBlur(image, (0, 0), sigma)
    return np.asarray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0), np.uint8)


def screenshot(
    image: Pixels, scale: float, gamma: float = 1.0, profile: float = 0.0, quality: float = 0.0
) -> Pixels:
    """Show on a screen, and keep what the screen shows.

    Args:
        image: RGB uint8, shape (height, width, 3).
        scale: Screen pixels a picture pixel; the picture is resampled to that grid, sharpened a little, and later
            cut and scaled back by whoever uses the screenshot.
        gamma: Exponent of the screen's tone curve against the picture's.
        profile: 0 to 1, how far sRGB colours are stored as Display P3 and then read as sRGB again, as when a
            profile is lost: paler reds and greens.
        quality: Of the JPEG that it is sent as; 0 for PNG, which takes nothing.
    """
    height, width = image.shape[:2]
    grid = (max(8, round(width * scale)), max(8, round(height * scale)))
    shown = cv2.resize(image, grid, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    shown = _profiled(tone(sharpen(np.asarray(shown, np.uint8), 0.3, 0.8), 0.0, 1.0, gamma), profile)
    kept = jpeg(shown, quality) if quality else shown
    return np.asarray(cv2.resize(kept, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _profiled(image: Pixels, share: float) -> Pixels:
    linear = _LINEAR[image] @ (np.eye(3) + share * (_SRGB_TO_P3 - np.eye(3))).T.astype(np.float32)
    return _clip(np.maximum(linear, 0) ** np.float32(1 / 2.2) * 255)


def messenger(image: Pixels, longest: float, quality: float = 70.0, times: float = 1.0) -> Pixels:
    """Send through a messenger, which limits the size and compresses: ``times`` times, as when it is passed on.

    Args:
        image: RGB uint8, shape (height, width, 3).
        longest: Limit of the longer side in pixels; smaller pictures keep their size.
        quality: Of the JPEG (4:2:0), 1 to 100.
        times: How often it is compressed.
    """
    height, width = image.shape[:2]
    factor = min(1.0, longest / max(height, width))
    small = (max(8, round(width * factor)), max(8, round(height * factor)))
    sent = (
        image if factor == 1 else np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
    )
    for _ in range(max(1, round(times))):
        sent = jpeg(sent, quality)
    return sent if factor == 1 else np.asarray(cv2.resize(sent, (width, height)), np.uint8)


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
    "grain": grain,
    "tone": tone,
    "hue": hue,
    "grey": grey,
    "sharpen": sharpen,
    "screenshot": screenshot,
    "messenger": messenger,
    "website": website,
}
