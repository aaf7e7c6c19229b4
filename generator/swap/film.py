"""Writes a clip: H.264 beside the sound of another file, frame by frame at its own times, labelled as synthetic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.audio.stream import AudioStream
from av.packet import Packet
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from catchlight.datasets import files
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.types import Pixels
from catchlight.generator.types import Mask

TICK = Fraction(1, 90_000)  # finer than any frame rate: frames keep their times
SUFFIXES = (".mp4", ".mov", ".mkv")
QUALITY = 18  # x264's rate factor; 18 is held to be hard to tell from the original


class Film:
    """A clip in the making; a context manager, and only its end without an error leaves the file.

    Args:
        path: To write: .mp4, .mov or .mkv.
        label: What the container says of it, as ``comment``; `provenance.described` makes it.
        sound: Medium whose sound is copied, packet by packet; None for silence.

    Raises:
        ConfigError: The suffix is another one, or the container can't hold the sound as it is.
        DataError: It can't be written.
    """

    def __init__(self, path: Path, label: str, sound: Path | None = None) -> None:
        if path.suffix.lower() not in SUFFIXES:
            raise ConfigError(f"{path} must end in one of {', '.join(SUFFIXES)}")
        self.path, self._label = path, label
        self._stack = ExitStack()
        self._sound = _Sound(sound) if sound else None
        self._video: av.VideoStream | None = None
        self._ended = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            partial = stack.enter_context(files.whole(self.path))
            stack.enter_context(_writing(self.path))
            # Without the flag MP4 drops metadata that it has no name for.
            options = {"movflags": "use_metadata_tags+faststart"} if self.path.suffix != ".mkv" else {}
            self._out = stack.enter_context(av.open(str(partial), "w", options=options))
            self._out.metadata.update({"comment": self._label, "synthetic": "true"})
            self._video = self._out.add_stream("libx264", options={"crf": str(QUALITY), "preset": "veryfast"})
            if self._sound:
                self._sound.join(self._out, self.path)
                stack.callback(self._sound.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        with self._stack:
            if error is None:
                self._finish()
            else:
                raise error
        return None

    def add(self, image: Pixels | Mask, time: float) -> None:
        """Add a frame.

        Args:
            image: RGB uint8 of shape (height, width, 3), or a mask, float32 (height, width), drawn in grey.
            time: Seconds from the start.
        """
        assert self._video is not None
        frame = _frame(image)
        if not self._video.codec_context.is_open:
            self._begin(frame)
        frame.pts, frame.time_base = max(round(time / TICK), self._ended), TICK
        self._ended = frame.pts + 1
        drawn = frame.reformat(format=self._video.pix_fmt, dst_colorspace=Colorspace.ITU709)
        self._write(self._video.encode(drawn))

    def _begin(self, frame: av.VideoFrame) -> None:
        assert self._video is not None
        self._video.width, self._video.height = frame.width, frame.height
        # Half as many colours want even sides.
        self._video.pix_fmt = "yuv444p" if frame.width % 2 or frame.height % 2 else "yuv420p"
        codec = self._video.codec_context
        codec.time_base = TICK
        # Said in the file: a player that has to guess guesses by the size of the picture.
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG

    def _finish(self) -> None:
        assert self._video is not None
        if not self._video.codec_context.is_open:
            raise DataError(f"{self.path} got no frame, so there is nothing to write")
        self._write(self._video.encode(None))
        if self._sound:
            for packet in self._sound.until(None):
                self._out.mux(packet)

    def _write(self, packets: list[Packet]) -> None:  # type: ignore[type-arg]
        for packet in packets:
            if self._sound and packet.dts is not None:
                for heard in self._sound.until(float(packet.dts * TICK)):
                    self._out.mux(heard)
            self._out.mux(packet)


class _Sound:
    """The packets of a medium's sound, in time."""

    def __init__(self, path: Path) -> None:
        self._container = av.open(
            str(path), options={"protocol_whitelist": "file"}, metadata_errors="replace"
        )
        video = self._container.streams.video[0] if self._container.streams.video else None
        self._start = float((video.start_time or 0) * (video.time_base or 0)) if video else 0.0
        self._streams = {stream.index: stream for stream in self._container.streams.audio}
        self._copies: dict[int, AudioStream] = {}
        self._waiting: Packet | None = None  # type: ignore[type-arg]
        self._packets = iter(self._container.demux(*self._streams.values())) if self._streams else iter(())

    def join(self, out: av.container.OutputContainer, path: Path) -> None:
        for index, stream in self._streams.items():
            name = stream.codec_context.codec.canonical_name
            if name not in out.supported_codecs:
                raise ConfigError(f"{path.suffix} can't hold sound in {name}; let the output end in .mkv")
            self._copies[index] = out.add_stream_from_template(stream)

    def until(self, time: float | None) -> Iterator[Packet]:  # type: ignore[type-arg]
        """What is heard up to a time, of the film's clock; all the rest for None."""
        while True:
            packet, self._waiting = self._waiting or self._next(), None
            if packet is None:
                return
            if time is not None and _seconds(packet) - self._start > time:
                self._waiting = packet
                return
            yield self._placed(packet)

    def _next(self) -> Packet | None:  # type: ignore[type-arg]
        for packet in self._packets:
            if packet.dts is not None and packet.size:
                return packet
        return None

    def _placed(self, packet: Packet) -> Packet:  # type: ignore[type-arg]
        """On the film's clock, whose zero is the first picture."""
        shift = round(self._start / packet.time_base)
        packet.dts = (packet.dts or 0) - shift
        packet.pts = packet.dts if packet.pts is None else packet.pts - shift
        packet.stream = self._copies[packet.stream.index]
        return packet

    def close(self) -> None:
        self._container.close()


def _seconds(packet: Packet) -> float:  # type: ignore[type-arg]
    return float((packet.dts or 0) * packet.time_base)


def _frame(image: Pixels | Mask) -> av.VideoFrame:
    if image.ndim == 2:
        grey: NDArray[np.uint8] = np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)
        return av.VideoFrame.from_ndarray(grey, format="gray")
    return av.VideoFrame.from_ndarray(np.asarray(image, np.uint8), format="rgb24")


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise DataError(
            f"{path} can't be written: {error}. Make room or name another folder; the old file, if any, is unharmed."
        ) from error
