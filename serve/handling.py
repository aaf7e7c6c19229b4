"""What happens to files on their way: a medium written anew, smaller, larger or more compressed.

The files themselves are handled, whole and in their own size; `catchlight.datasets.degrade`, which trains, handles
crops. Of a clip every frame is kept at its time; sound is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from catchlight.detector.errors import DataError, UnknownName
from catchlight.detector.media import Limits, Sampling, frames
from catchlight.detector.types import MediaKind, Pixels

ALL = "all"
EVERY = Sampling("dense", rate=1e6, max_frames=1_000_000)
TICK = Fraction(1, 90_000)  # finer than any frame rate
GOOD = 18  # x264's rate factor where size is what changes


@dataclass(frozen=True, slots=True)
class Handling:
    """One way of writing a file anew.

    Attributes:
        name: As the command and the table call it.
        kinds: The kinds of medium that it is for.
        still: Suffix of the file that a still becomes, and so its format.
        quality: Of JPEG and WebP, 1 to 100.
        crf: x264's rate factor of a clip, 0 to 51; higher is smaller.
        scale: Factor on both sides.
    """

    name: str
    kinds: tuple[MediaKind, ...]
    still: str = ".png"
    quality: int = 95
    crf: int = GOOD
    scale: float = 1.0


HANDLINGS = {
    handling.name: handling
    for handling in (
        *(Handling(f"jpeg{quality}", ("image",), ".jpg", quality) for quality in (95, 75, 60, 40)),
        Handling("webp75", ("image",), ".webp", 75),
        *(Handling(f"crf{crf}", ("video",), crf=crf) for crf in (18, 23, 28, 35)),
        Handling("half", ("image", "video"), scale=0.5),
        Handling("double", ("image", "video"), scale=2.0),
    )
}


def named(names: Sequence[str]) -> tuple[Handling, ...]:
    """The handlings of these names, each once; ``all`` stands for all of them.

    Raises:
        UnknownName: There is no such handling; the message lists the valid ones.

    Example:
        >>> [handling.crf for handling in named(["crf28", "crf35"])]
        [28, 35]
    """
    for name in names:
        if name not in (*HANDLINGS, ALL):
            raise UnknownName("handling", name, (*HANDLINGS, ALL))
    return tuple(HANDLINGS.values() if ALL in names else (HANDLINGS[name] for name in dict.fromkeys(names)))


def write(path: Path, folder: Path, kind: MediaKind, handling: Handling, limits: Limits) -> Path:
    """Write a medium anew.

    Args:
        path: The medium.
        folder: Where to; the name follows from ``path``.
        kind: What the medium is.
        handling: How.
        limits: What is refused.

    Returns:
        The new file.

    Raises:
        MediaError: It can't be read.
        DataError: The new file can't be written.
    """
    out = folder / (path.stem + (handling.still if kind == "image" else ".mp4"))
    pictures = ((_scaled(f.image, handling.scale), f.time) for f in frames(path, EVERY, limits))
    with _writing(out):
        if kind == "image":
            Image.fromarray(next(pictures)[0]).save(out, quality=handling.quality)
        else:
            _clip(out, pictures, handling.crf)
    return out


def _scaled(image: Pixels, scale: float) -> Pixels:
    if scale == 1:
        return image
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def _clip(out: Path, pictures: Iterator[tuple[Pixels, float]], crf: int) -> None:
    import av

    with av.open(str(out), "w") as container:
        stream = container.add_stream("libx264", options={"crf": str(crf), "preset": "veryfast"})
        stream.pix_fmt, stream.codec_context.time_base = "yuv420p", TICK
        for image, time in pictures:
            height, width = (
                side - side % 2 for side in image.shape[:2]
            )  # half as many colours want even sides
            if not stream.codec_context.is_open:
                stream.width, stream.height = width, height
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[:height, :width]), format="rgb24")
            frame.pts, frame.time_base = round(time / TICK), TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    import av

    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise DataError(
            f"{path} can't be written: {error}. Make room in the folder of temporary files."
        ) from error
