"""Pictures by Pillow: stills, and animated ones as a sampled video."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catchlight.detector.errors import EmptyMedia, MediaError, NotMedia
from catchlight.detector.media_limits import Clock, Limits, too_large
from catchlight.detector.media_sampling import Sampling, Timeline, choose, no_part
from catchlight.detector.types import Frame, Media, Pixels

ANIMATED = {"GIF", "PNG", "WEBP", "AVIF"}  # the pages of a TIFF and the second picture of an MPO are no film
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
NOMINAL_RATE = 10.0  # frames a second of an animation before it is decoded; browsers' own default


def probe_image(path: Path, format: str, limits: Limits) -> Media:
    """Read the header of a picture.

    Args:
        path: The file.
        format: Pillow's name of the only format that is tried.
        limits: What is refused.

    Raises:
        NotMedia: This Pillow can't read the format.
        EmptyMedia: It has no pixels.
        MediaTooLarge: It is over a limit.
    """
    with _opened(path, format, limits) as image, _pillow(path, limits):
        width, height = image.size
        if _orientation(image) >= 5 and image.format != "TIFF":  # whose size Pillow turns by itself
            width, height = height, width
        count = _frame_count(path, image, limits)
    name = format.lower()
    if count == 1:
        return Media("image", width, height, 0.0, 1, name, name)
    return Media("video", width, height, count / NOMINAL_RATE, count, name, name)


def image_frames(
    path: Path, format: str, sampling: Sampling, limits: Limits, clock: Clock
) -> Iterator[Frame]:
    """Decode a still to one frame, an animation to sampled ones; arguments and errors as ``probe_image``.

    How long each picture of an animation stands is known only once it is decoded, so they are sampled by
    number, as if shown at ten a second; ``time`` of a frame is the true one. For a part of it all are decoded twice.
    """
    with _opened(path, format, limits) as image:
        with _pillow(path, limits):
            count = _frame_count(path, image, limits)
            still = Frame(_rgb(_upright(image))) if count == 1 else None
        if still is not None:
            yield still
            return
        times = np.arange(count) / NOMINAL_RATE
        if sampling.is_part:
            times = _times(path, image, count, limits, clock)
        every = np.ones(len(times), bool)
        wanted = set(choose(Timeline(times, every, every), sampling).tolist())
        if not wanted:
            raise no_part(path, sampling)
        time = 0.0
        for index in range(max(wanted) + 1):
            clock.check()
            try:
                frame, shown_for = _step(path, image, index, time, limits)
            except MediaError:
                raise
            except Exception:  # whatever Pillow raises on damage
                if index <= min(wanted):
                    raise
                return  # what follows leans on this picture, what came before is intact
            if index in wanted:
                yield frame
            time += shown_for


@contextmanager
def _pillow(path: Path, limits: Limits) -> Iterator[None]:
    """Silence Pillow's warnings (damaged metadata of a picture that decodes is no news), name its refusals.

    Never around a ``yield`` of frames, since the filters belong to the whole process.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        try:
            yield
        except Image.DecompressionBombError as error:
            raise too_large(
                path, "Pillow fears a bomb", f"{limits.max_pixels:,} pixels", "max_pixels", "scale it down"
            ) from error


@contextmanager
def _opened(path: Path, format: str, limits: Limits) -> Iterator[Image.Image]:
    """Open with one plug-in only, the header's size checked."""
    Image.init()
    if format not in Image.OPEN:
        raise NotMedia(f"{path} is {format}; this build of Pillow can't read it. Convert it to PNG or JPEG.")
    with _pillow(path, limits):
        image = Image.open(path, formats=[format])
    with image:
        limits.check_bytes(path, path.stat().st_size, "max_image_bytes")
        limits.check_pixels(path, *image.size)
        if 0 in image.size:
            raise EmptyMedia(f"{path} is {image.width} x {image.height} pixels; expected at least 1 x 1.")
        yield image


def _times(path: Path, image: Image.Image, count: int, limits: Limits, clock: Clock) -> NDArray[np.float64]:
    """When each picture of an animation is shown, up to the first damaged one."""
    times, time = [], 0.0
    for index in range(count):
        clock.check()
        try:
            _, shown_for = _step(path, image, index, time, limits)
        except MediaError:
            raise
        except Exception:  # whatever Pillow raises on damage
            break
        times.append(time)
        time += shown_for
    return np.array(times)


def _step(path: Path, image: Image.Image, index: int, time: float, limits: Limits) -> tuple[Frame, float]:
    """Decode one picture of an animation, and how many seconds it stands."""
    with _pillow(path, limits):
        image.seek(index)
        limits.check_pixels(path, *image.size)  # a GIF may grow with a later frame
        image.load()
        shown_for = float(image.info.get("duration", 1000 / NOMINAL_RATE)) / 1000
        return Frame(_rgb(image), index, time), shown_for


def _frame_count(path: Path, image: Image.Image, limits: Limits) -> int:
    count = int(getattr(image, "n_frames", 1)) if image.format in ANIMATED else 1
    limits.check_length(path, 0.0, count)
    return count


def _orientation(image: Image.Image) -> int:
    """EXIF orientation, 1 (upright) to 8."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # damaged EXIF raises what it likes; the picture itself may be whole
        return 1


def _upright(image: Image.Image) -> Image.Image:
    image.load()  # a PNG may say so behind its pixels; a TIFF is turned by loading it
    turn = UPRIGHT.get(_orientation(image))
    return image if turn is None else image.transpose(turn)


def _rgb(image: Image.Image) -> Pixels:
    """Any mode to RGB uint8, shape (height, width, 3)."""
    if image.mode.startswith(("I", "F")):
        return np.repeat(_grey(image)[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        # White, as a page shows it: what lies under full transparency is a leftover that nobody has seen.
        colours = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), colours)
    # Colour profiles are left out: the networks are trained on pixels as decoded.
    return np.array(image.convert("RGB"), np.uint8)


def _grey(image: Image.Image) -> Pixels:
    """Deep grey values to uint8, shape (height, width)."""
    values = np.asarray(image)
    if image.mode.startswith("I;16"):
        return (values >> 8).astype(np.uint8)
    # 32-bit integers and floats don't say what white is, so the picture's own range is stretched.
    finite = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    return ((finite - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)
