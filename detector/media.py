"""A file -> Frames: the one door to pixels, for pictures, animations and video.

    >>> for frame in frames("clip.mp4", Sampling("even", count=8)):  # doctest: +SKIP
    ...     print(f"{frame.time:.1f} s: {frame.image.shape}")

A file is judged by its content, never by its name. Nothing is scaled, one frame is held at a time, sizes are
refused by the header, and whatever is wrong with a file ends in a ``MediaError``. A truncated still is
refused as damaged, since its grey part must not be judged; of a damaged video or animation the intact frames
are delivered.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from catchlight.detector.errors import CorruptMedia, EmptyMedia, MediaNotFound, NotMedia
from catchlight.detector.media_image import image_frames, probe_image
from catchlight.detector.media_limits import Clock, Limits, decoding
from catchlight.detector.media_sampling import Policy, Sampling
from catchlight.detector.media_video import probe_video, video_frames
from catchlight.detector.types import Frame, Media

__all__ = ["Limits", "Policy", "Sampling", "frames", "frames_together", "is_media", "probe"]

# fmt: off
SUFFIXES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif",
    ".mp4", ".m4v", ".mov", ".qt", ".mkv", ".webm", ".avi", ".wmv", ".asf", ".flv", ".f4v", ".ogv", ".3gp",
    ".3g2", ".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".vob", ".mxf", ".dv", ".rm", ".rmvb", ".wtv", ".ivf",
    ".y4m",
}
# fmt: on
IMAGE_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
BMP_HEADERS = {size.to_bytes(4, "little") for size in (12, 16, 40, 52, 56, 64, 108, 124)}
AVIF_BRANDS = {b"avif", b"avis"}
# FFmpeg would take one tile of such a picture for the whole.
HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
MOVIE_ATOMS = {b"ftyp", b"moov", b"mdat", b"styp", b"moof"}
MOVIE_STARTS = (b"\x1aE\xdf\xa3", b"OggS", b"FLV", b"0&\xb2u\x8ef\xcf\x11", b"\0\0\x01\xba", b".RMF")


def probe(path: str | os.PathLike[str], limits: Limits = Limits()) -> Media:  # noqa: B008 (it is frozen)
    """Read what the header of a medium says, without decoding it (but one picture of a video).

    Args:
        path: A file; a name is never taken for an address.
        limits: What is refused.

    Raises:
        MediaNotFound: No such file, not a regular file, or not readable.
        NotMedia: Neither an image nor a video.
        EmptyMedia: No bytes, or nothing to see in it.
        CorruptMedia: Damaged or encrypted.
        MediaTooLarge: Over a limit.
    """
    path = Path(path)
    head = _head(path, limits)
    image = _image_format(path, head)
    with _errors(path, head):
        return probe_image(path, image, limits) if image else probe_video(path, limits)


def frames(
    path: str | os.PathLike[str],
    sampling: Sampling = Sampling(),  # noqa: B008 (it is frozen)
    limits: Limits = Limits(),  # noqa: B008
) -> Iterator[Frame]:
    """Decode the sampled frames of a medium, one at a time, in the order of time.

    A still gives one frame whatever the sampling. The file is opened at the first ``next``; closing the
    iterator closes it.

    Args:
        path: A file; a name is never taken for an address.
        sampling: Which frames.
        limits: What is refused.

    Yields:
        Frames upright by EXIF or display matrix, RGB, in their own size.

    Raises:
        MediaError: As ``probe``, at the first frame; MediaTooLarge also later, when time runs out.
    """
    with closing(frames_together(path, (sampling,), limits)) as source:
        for frame, _ in source:
            yield frame


def frames_together(
    path: str | os.PathLike[str],
    samplings: Sequence[Sampling],
    limits: Limits = Limits(),  # noqa: B008 (it is frozen)
) -> Generator[tuple[Frame, tuple[bool, ...]], None, None]:
    """Decode the frames of several samplings in one pass, where the file allows it.

    The frames of the first sampling are those that `frames` gives for it. Those of another are as near as that
    allows; where they would be too few, they are given once more, from the start, behind all others.

    Args:
        path: As for `frames`.
        samplings: At least one.
        limits: What is refused.

    Yields:
        Each frame, and for each sampling whether it is one of its frames; in the order of time for each of them.

    Raises:
        MediaError: As `frames`.
    """
    path = Path(path)
    head = _head(path, limits)
    image = _image_format(path, head)
    clock = Clock(path, limits)
    with _errors(path, head):
        if image:
            source = _pictures(path, image, samplings, limits, clock)
        else:
            source = video_frames(path, samplings, limits, clock)
        for item in source:
            with clock.paused():
                yield item


def _pictures(
    path: Path, format: str, samplings: Sequence[Sampling], limits: Limits, clock: Clock
) -> Iterator[tuple[Frame, tuple[bool, ...]]]:
    """A picture, or an animation, for each sampling by itself."""
    for number, sampling in enumerate(samplings):
        for frame in image_frames(path, format, sampling, limits, clock):
            yield frame, tuple(at == number for at in range(len(samplings)))


def is_media(path: str | os.PathLike[str]) -> bool:
    """Whether the name looks like an image or a video; for walking folders, nothing is opened."""
    return Path(path).suffix.lower() in SUFFIXES


def _head(path: Path, limits: Limits) -> bytes:
    """The first bytes of a regular file of a permitted size."""
    try:
        facts = path.stat()
        # Opening a pipe would wait for ever.
        if not stat.S_ISREG(facts.st_mode):
            raise MediaNotFound(f"{path} is not a file; expected an image or a video. Give a path to one.")
        limits.check_bytes(path, facts.st_size)
        with path.open("rb") as file:
            head = file.read(64)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise MediaNotFound(
            f"{str(path)!r} can't be opened ({error}); expected a readable file. Check path and permissions."
        ) from error
    if not head:
        raise EmptyMedia(f"{path} has no bytes; expected an image or a video. Copy or download it again.")
    return head


def _image_format(path: Path, head: bytes) -> str | None:
    """Pillow's name of the picture's format, by its first bytes; None when it is no picture."""
    for start, format in IMAGE_STARTS.items():
        if head.startswith(start):
            return format
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[:2] == b"BM" and head[14:18] in BMP_HEADERS:
        return "BMP"
    brand = head[8:12] if head[4:8] == b"ftyp" else b""
    if brand in AVIF_BRANDS or (brand in HEIF_BRANDS and b"avif" in head):
        return "AVIF"
    if brand in HEIF_BRANDS:
        raise NotMedia(f"{path} is a HEIC picture, which can't be read; convert it to JPEG or PNG.")
    return None


@contextmanager
def _errors(path: Path, head: bytes) -> Iterator[None]:
    """Every error as a MediaError; what begins like a video but can't be opened is damaged, not foreign."""
    with decoding(path):
        try:
            yield
        except NotMedia as error:
            if not (head[4:8] in MOVIE_ATOMS or head.startswith(MOVIE_STARTS)):
                raise
            raise CorruptMedia(
                f"{path} begins like a video, but can't be opened; expected a whole file. It may be cut off "
                "or still be written: copy or export it again."
            ) from error
