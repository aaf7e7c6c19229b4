"""How large a medium may be, how long its decoding may take, and the errors that say so."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from catchlight.detector.errors import ConfigError, CorruptMedia, MediaError, MediaTooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused. Sizes are read from the header, before anything is decoded.

    Attributes:
        max_bytes: Size of the file.
        max_image_bytes: Size of the file of a still or an animated picture.
        max_pixels: Pixels of one frame.
        max_duration: Length in seconds.
        max_frames: Frames that the medium may hold; the sampled ones are far fewer.
        max_faces: Faces of one frame that are judged, the largest; it bounds the time, and refuses nothing.
        max_seconds: Seconds that reading and decoding may take; the caller's own time does not count.

    Raises:
        ConfigError: A limit is not positive.
    """

    max_bytes: int = 4 << 30  # an hour of 1080p from a phone is about 3 GB
    max_image_bytes: int = 512 << 20  # 50 MP of 16-bit RGBA are 400 MB; counting a GIF's frames takes 6 MB/s
    max_pixels: int = 50_000_000  # 150 MB as RGB; the largest common phone photograph is 48 to 50 MP
    max_duration: float = 4 * 3600.0  # longer than any film
    max_frames: int = 1_000_000  # 4 hours at 60 a second; the time line of so many takes 17 MB
    max_faces: int = 16  # a group photograph
    max_seconds: float = 300.0  # a clip of ten minutes at 1080p decodes in a third of it on two cores

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            if not getattr(self, name) > 0:
                raise ConfigError(f"Limits.{name} must be positive, got {getattr(self, name)!r}.")

    def check_bytes(self, path: Path, size: int, setting: str = "max_bytes") -> None:
        """Raise MediaTooLarge when the file has more bytes than ``setting`` allows."""
        if size > getattr(self, setting):
            raise too_large(
                path, f"{size:,} bytes", f"{getattr(self, setting):,} bytes", setting, "shorten it"
            )

    def check_pixels(self, path: Path, width: int, height: int) -> None:
        """Raise MediaTooLarge when one frame has more than ``max_pixels``."""
        if width * height > self.max_pixels:
            size = f"{width} x {height} = {width * height:,} pixels a frame"
            raise too_large(path, size, f"{self.max_pixels:,} pixels", "max_pixels", "scale it down")

    def check_length(self, path: Path, duration: float, frames: int) -> None:
        """Raise MediaTooLarge when it lasts longer, or has more frames, than allowed."""
        if duration > self.max_duration:
            longest = f"{self.max_duration:,.0f} s"
            raise too_large(path, f"{duration:,.0f} s of video", longest, "max_duration", "cut it")
        if frames > self.max_frames:
            raise too_large(path, f"{frames:,} frames", f"{self.max_frames:,}", "max_frames", "cut it")


def too_large(path: Path, received: str, allowed: str, setting: str, advice: str) -> MediaTooLarge:
    """The error for a medium over a limit; all of them read alike."""
    return MediaTooLarge(
        f"{path} is too large: {received}, at most {allowed} allowed; {advice} or raise Limits.{setting}."
    )


class Clock:
    """Counts the time spent in decoding, and not what the caller does between two frames."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._spent, self._since = 0.0, time.monotonic()

    def check(self) -> None:
        """Raise MediaTooLarge when ``max_seconds`` are used up."""
        most = self._limits.max_seconds
        if self._spent + time.monotonic() - self._since > most:
            spent = f"over {most:g} s of decoding"
            raise too_large(self._path, spent, f"{most:g} s", "max_seconds", "cut it")

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop counting for the time of a ``with`` block."""
        self._spent += time.monotonic() - self._since
        try:
            yield
        finally:
            self._since = time.monotonic()


@contextmanager
def decoding(path: Path) -> Iterator[None]:
    """Turn whatever a decoder raises into a MediaError.

    Pillow and PyAV raise dozens of types on hostile files (SyntaxError, struct.error, OverflowError, …) and
    promise no list, so everything that is not ours means: this file is damaged.
    """
    try:
        yield
    except MediaError:
        raise
    except MemoryError as error:
        raise MediaTooLarge(
            f"{path} needs more memory to decode than there is; scale it down, or free memory."
        ) from error
    except Exception as error:
        raise CorruptMedia(
            f"{path} is damaged or truncated and can't be decoded ({type(error).__name__}: {error}); "
            "expected a whole file. Copy or export it again from its source."
        ) from error
