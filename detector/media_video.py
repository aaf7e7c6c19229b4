"""Video by PyAV: what the header says, and the sampled frames."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from av.video.stream import VideoStream
from numpy.typing import NDArray

from catchlight.detector.errors import CorruptMedia, EmptyMedia, NotMedia
from catchlight.detector.media_limits import Clock, Limits
from catchlight.detector.media_packets import decoded, packets, read_timeline
from catchlight.detector.media_sampling import (
    Positions,
    Sampling,
    Timeline,
    candidates,
    choose,
    no_part,
    spans,
)
from catchlight.detector.types import Frame, Media, Pixels

# Only containers that hold their media themselves. A playlist or session description (HLS, DASH, SDP, concat)
# is a text that makes FFmpeg open other files or the network.
CONTAINERS = (
    "mov,matroska,webm,avi,asf,flv,live_flv,ogg,mpegts,mpeg,mpegvideo,h264,hevc,m4v,mjpeg,ivf,obu,av1,mxf,dv,rm,"
    "wtv,nut,yuv4mpegpipe,gxf,amv,wav,flac,mp3"
)
THREADS = min(4, os.cpu_count() or 1)  # each holds some frames; more than four hardly decode faster
SAME = 1e-6  # seconds; two times nearer than this are one
SPARSE = 4  # packets for each wanted frame from which a neighbour will do as well
FIRST_COUNTED, FEWEST = 25, 0.85  # after so many wanted frames, fewer than this share of them are too few
FIRST_LOOK = 64  # packets that probe may decode to see one picture


def probe_video(path: Path, limits: Limits) -> Media:
    """Read the header of a video, and one picture, since the rotation comes with it.

    Raises:
        NotMedia: FFmpeg knows no container in it.
        EmptyMedia: It has no video stream.
        CorruptMedia: It is encrypted, or its codec is unknown.
        MediaTooLarge: It is over a limit.
    """
    with _opened(path, limits) as (container, stream):
        codec = stream.codec_context
        width, height = codec.width, codec.height
        source = packets(path, container, stream, Clock(path, limits))
        first = next(decoded(stream, source, [(0, FIRST_LOOK)]), None)
        if first is not None:
            width, height = first[0].width, first[0].height
            if _quarter_turns(first[0]) % 2:
                width, height = height, width
        duration, name = _duration(container, stream), _container_name(path, container)
        return Media("video", width, height, duration, stream.frames, name, codec.name)


def video_frames(
    path: Path, samplings: Sequence[Sampling], limits: Limits, clock: Clock
) -> Iterator[tuple[Frame, tuple[bool, ...]]]:
    """Decode the sampled frames of a video in the order of time; a damaged one is replaced by the next.

    All samplings are served by one pass, at the settings that the first one has alone, so its frames are the same
    with and without the others. Where that leaves another too few frames, or the file doesn't say when its frames
    are shown, the others follow in a pass of their own, from the start.

    Yields:
        Each frame, and which samplings it is for.

    Raises:
        MediaError: As ``probe_video``; EmptyMedia without pictures, CorruptMedia when none can be decoded.
    """
    with _opened(path, limits) as (container, stream):
        timeline = read_timeline(path, container, stream, limits, clock)
    if not timeline.shown.any():
        raise EmptyMedia(f"{path} is a video without a single picture; expected at least one frame.")
    near = len(candidates(timeline, samplings[0]))
    if not near:
        raise no_part(path, samplings[0])
    together = samplings if timeline.clocked and not np.isnan(timeline.times).any() else samplings[:1]
    wishes = [Wish(timeline, choose(timeline, sampling), len(together) > 1) for sampling in together]
    # Where any neighbour will do, leaving out the pictures that no other one needs halves the work.
    skip = samplings[0].policy != "dense" and near >= SPARSE * wishes[0].count
    if skip:
        for wish in wishes[1:]:
            wish.may_give_up = True
    flags = (True,) + (False,) * (len(samplings) - 1)
    for frame, taken in _pass(path, timeline, wishes, skip, limits, clock):
        yield frame, (*taken, *flags[len(taken) :])
    for number in range(1, len(samplings)):
        if number >= len(wishes) or wishes[number].given_up:
            alone = [Wish(timeline, choose(timeline, samplings[number]), shared=False)]
            for frame, _ in _pass(path, timeline, alone, False, limits, clock):
                yield frame, tuple(at == number for at in range(len(samplings)))


def _pass(
    path: Path, timeline: Timeline, wishes: Sequence[Wish], skip: bool, limits: Limits, clock: Clock
) -> Iterator[tuple[Frame, tuple[bool, ...]]]:
    """One pass over the file for some wishes, with or without the pictures that no other one needs."""
    with _opened(path, limits) as (container, stream):
        if skip:
            stream.codec_context.skip_frame = "NONREF"
        source = packets(path, container, stream, clock)
        unit = float(stream.time_base or 0)  # a drained frame doesn't know it
        wanted = np.unique(np.concatenate([wish.chosen for wish in wishes]))
        timed = _timed(decoded(stream, source, spans(timeline, wanted)), timeline, unit)
        yield from _frames(path, _pick(timed, wishes), np.sort(timeline.times[timeline.shown]), limits)


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open the container and its first video stream, after all that the header says was checked."""
    options = {
        "format_whitelist": CONTAINERS,
        "protocol_whitelist": "file",
        # Also for the decoders: a stream may ask for a larger picture than its header promised.
        "max_pixels": str(limits.max_pixels),
    }
    try:
        container = av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace")
    except (av.error.InvalidDataError, av.error.ArgumentError) as error:
        raise NotMedia(
            f"{path} is neither an image nor a video; expected a JPEG, PNG, WebP, BMP, TIFF, GIF or AVIF "
            "image, or a video file such as MP4, MOV, MKV, WebM or AVI. Convert it to one of them."
        ) from error
    with container:
        stream = _video_stream(path, container)
        codec = stream.codec_context
        limits.check_pixels(path, codec.width, codec.height)
        limits.check_length(path, _duration(container, stream), stream.frames)
        codec.thread_type, codec.thread_count = "AUTO", THREADS
        codec.options = {"max_pixels": str(limits.max_pixels)}
        yield container, stream


def _video_stream(path: Path, container: InputContainer) -> VideoStream:
    # The cover of a song is a video stream for FFmpeg, but no video.
    cover = Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not streams:
        raise EmptyMedia(f"{path} has no video, only sound or text; expected pictures.")
    for stream in streams:
        if stream.codec_context is not None:
            return stream
    raise CorruptMedia(f"{path} uses a video codec unknown to this FFmpeg; convert it to H.264 in MP4.")


def _duration(container: InputContainer, stream: VideoStream) -> float:
    """Seconds that the header promises; 0.0 when it is silent."""
    if stream.duration and stream.time_base:
        return max(0.0, float(stream.duration * stream.time_base))
    return max(0.0, (container.duration or 0) / av.time_base)


def _container_name(path: Path, container: InputContainer) -> str:
    names = container.format.name.split(",")
    suffix = path.suffix.lower().lstrip(".")
    return suffix if suffix in names else {"mov": "mp4"}.get(names[0], names[0])


def _timed(
    frames: Iterable[tuple[VideoFrame, int]], timeline: Timeline, unit: float
) -> Iterator[tuple[VideoFrame, float]]:
    """Each frame with the seconds since the first picture."""
    for frame, position in frames:
        if not timeline.clocked:
            yield frame, float(timeline.times[min(position, len(timeline.times) - 1)])
        elif frame.pts is not None:
            yield frame, frame.pts * unit - timeline.start


class Wish:
    """What a sampling still wants of a pass over a file.

    Args:
        timeline: Of the file.
        chosen: The positions of the packets that it wants.
        shared: Whether the pass serves others too.
    """

    def __init__(self, timeline: Timeline, chosen: Positions, shared: bool) -> None:
        self.chosen, self.count = chosen, len(chosen)
        self._left = deque(timeline.times[chosen].tolist())
        self._own: NDArray[np.float64] | None = None
        if (
            shared
        ):  # the others make the pass decode more; what this one would not see alone is none of its frames
            self._own = np.sort(np.concatenate([timeline.times[a:b] for a, b in spans(timeline, chosen)]))
        self._passed = self._taken = 0
        self.may_give_up = self.given_up = False

    @property
    def open(self) -> bool:
        """Whether any frame is still wanted."""
        return bool(self._left) and not self.given_up

    def takes(self, time: float) -> bool:
        """Whether it takes the next frame: the first one at or after a wanted time, and none twice."""
        if not self.open or time < self._left[0] - SAME or not self._is_own(time):
            return False
        while self._left and self._left[0] - SAME <= time:
            self._left.popleft()
            self._passed += 1
        self._taken += 1
        sparse = self._passed >= FIRST_COUNTED and self._taken < FEWEST * self._passed
        self.given_up = self.may_give_up and sparse
        return True

    def _is_own(self, time: float) -> bool:
        if self._own is None:
            return True
        at = int(np.searchsorted(self._own, time - SAME))
        return at < len(self._own) and bool(self._own[at] <= time + SAME)


def _pick(
    frames: Iterable[tuple[VideoFrame, float]], wishes: Sequence[Wish]
) -> Iterator[tuple[VideoFrame, float, tuple[bool, ...]]]:
    """The whole frames that any wish takes, and which do."""
    for frame, time in frames:
        if not any(wish.open for wish in wishes):
            return
        if not frame.is_corrupt:
            taken = tuple(wish.takes(time) for wish in wishes)
            if any(taken):
                yield frame, time, taken


def _frames(
    path: Path,
    picked: Iterable[tuple[VideoFrame, float, tuple[bool, ...]]],
    shown: NDArray[np.float64],
    limits: Limits,
) -> Iterator[tuple[Frame, tuple[bool, ...]]]:
    """The picked frames as RGB; ``shown`` are all times, sorted, to number the frames."""
    converter, none_yet = VideoReformatter(), True
    for frame, time, taken in picked:
        limits.check_pixels(path, frame.width, frame.height)
        none_yet = none_yet and not taken[0]
        index = int(np.searchsorted(shown, time - SAME))
        yield Frame(_rgb(frame, converter), index, max(0.0, time)), taken
    if none_yet:
        raise CorruptMedia(
            f"{path} is a video of {len(shown)} frames and none that was tried can be decoded; expected an "
            "intact and unencrypted file. Copy or export it again from its source."
        )


def _rgb(frame: VideoFrame, converter: VideoReformatter) -> Pixels:
    """RGB uint8, shape (height, width, 3), upright; transparency on white, as for stills."""
    if any(component.is_alpha for component in frame.format.components):
        colours = converter.reformat(frame, format="rgba").to_ndarray().astype(np.uint16)
        alpha = colours[:, :, 3:]
        image = ((colours[:, :, :3] * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    else:
        image = converter.reformat(frame, format="rgb24").to_ndarray()
    return np.ascontiguousarray(np.rot90(image, _quarter_turns(frame)))


def _quarter_turns(frame: VideoFrame) -> int:
    """Counter-clockwise quarter turns that bring a frame upright; a mirrored frame stays mirrored."""
    return round(frame.rotation / 90) % 4
