"""The packets of a video stream: their time line, and the decoding of only some of them."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from catchlight.detector.errors import CorruptMedia
from catchlight.detector.media_limits import Clock, Limits
from catchlight.detector.media_sampling import Timeline

FALLBACK_RATE = 25.0  # frames a second where neither times nor a rate are given
MOSTLY = 0.9  # share of packets with a time of their own from which a file's times are believed
KEY, SHOWN = 1, 2


def packets(
    path: Path, container: InputContainer, stream: VideoStream, clock: Clock
) -> Iterator[Packet[VideoStream]]:
    """The stream's packets up to the end, or to where the container can't be read any more.

    Raises:
        CorruptMedia: They are encrypted.
        MediaTooLarge: The clock has run out.
    """
    source = container.demux(stream)
    while True:
        clock.check()
        try:
            packet = next(source, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        if packet.has_sidedata("encryption_info"):
            raise CorruptMedia(f"{path} is encrypted (DRM) and can't be decoded; use an unprotected copy.")
        if packet.size:
            yield packet


def read_timeline(
    path: Path, container: InputContainer, stream: VideoStream, limits: Limits, clock: Clock
) -> Timeline:
    """Read the whole container without decoding anything.

    Raises:
        CorruptMedia: It is encrypted.
        MediaTooLarge: It is longer than allowed, whatever the header says.
    """
    unit = float(stream.time_base or 0)
    times, flags = array("d"), bytearray()
    for packet in packets(path, container, stream, clock):
        timed = packet.pts is not None
        times.append(packet.pts * unit if packet.pts is not None else math.nan)
        flags.append(KEY * packet.is_keyframe | SHOWN * (timed and not packet.is_discard))
        limits.check_length(path, 0.0, len(times))
    seconds, bits = np.array(times), np.frombuffer(bytes(flags), np.uint8)
    keys, shown = bits & KEY > 0, bits & SHOWN > 0
    if _believable(container, seconds, shown, limits):
        start = float(seconds[shown].min())
        return Timeline(seconds - start, keys, shown, start)
    rate = float(stream.average_rate or stream.guessed_rate or FALLBACK_RATE)
    limits.check_length(path, len(times) / rate, len(times))
    return Timeline(np.arange(len(times)) / rate, keys, np.ones(len(times), bool), clocked=False)


def _believable(
    container: InputContainer, seconds: NDArray[np.float64], shown: NDArray[np.bool_], limits: Limits
) -> bool:
    """Whether the packets' times can be used: given, (nearly) all different, and no jump of hours."""
    # AVI stores no times; FFmpeg numbers its packets as if they were shown in the order of decoding.
    if container.format.name == "avi" or not shown.any():
        return False
    given = seconds[~np.isnan(seconds)]
    different = len(np.unique(given)) >= MOSTLY * len(seconds)
    return different and bool(np.ptp(seconds[shown]) <= limits.max_duration)


def decoded(
    stream: VideoStream, source: Iterator[Packet[VideoStream]], runs: Sequence[tuple[int, int]]
) -> Iterator[tuple[VideoFrame, int]]:
    """Decode runs of packets and pass over what lies between; damaged packets are left out.

    Args:
        stream: The stream.
        source: Its packets from the first one on.
        runs: Rising [start, stop) positions of packets, each beginning at a key frame.

    Yields:
        The frames in the order that they are shown, and the position that each would have without losses.
    """
    at = 0
    for start, stop in runs:
        position = start
        # None drains the decoder: the last frames of a run would else wait for packets that are left out.
        for packet in itertools.chain(itertools.islice(source, start - at, stop - at), [None]):
            for frame in _frames_of(stream, packet):
                yield frame, position
                position += 1
        stream.codec_context.flush_buffers()
        at = stop


def _frames_of(stream: VideoStream, packet: Packet[VideoStream] | None) -> list[VideoFrame]:
    try:
        return list(stream.decode(packet))
    except (av.FFmpegError, ValueError):
        return []
