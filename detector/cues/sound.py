"""How loud a medium is over time, by PyAV; a file without sound has none, and that is no error."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler

from catchlight.detector.cues.person import Sound
from catchlight.detector.media_video import CONTAINERS

RATE = 16_000  # samples a second; speech needs no more
SLICE = 0.02  # seconds; a syllable lasts ten of them


def read_sound(path: Path, start: float, stop: float) -> Sound | None:
    """The loudness of a stretch of a medium.

    Args:
        path: A medium that was opened as a video before.
        start: Seconds of the pictures; what lies before is silence in the result.
        stop: Seconds; nothing after it is decoded.

    Returns:
        The sound from second 0 on; None without sound, or where it can't be decoded.
    """
    try:
        samples = _samples(path, start, stop)
    except (av.error.FFmpegError, ValueError, OSError):
        return None
    if samples is None or not samples.any():
        return None
    size = int(RATE * SLICE)
    whole = samples[: len(samples) // size * size].reshape(-1, size)
    return Sound(np.sqrt(np.mean(whole**2, axis=1)).astype(np.float32), 1 / SLICE)


def _samples(path: Path, start: float, stop: float) -> np.ndarray[tuple[int], np.dtype[np.float64]] | None:
    options = {"format_whitelist": CONTAINERS, "protocol_whitelist": "file"}
    with av.open(f"file:{path.absolute()}", options=options, metadata_errors="replace") as container:
        if not container.streams.audio or not container.streams.video:
            return None
        zero = _zero(container.streams.video[0])
        if start > 5:
            container.seek(int((start + zero - 1) * av.time_base))
        resampler = AudioResampler(format="flt", layout="mono", rate=RATE)
        heard = np.zeros(int(stop * RATE))
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                at = round((float(part.time or 0.0) - zero) * RATE)
                if at >= len(heard):
                    return heard
                values = part.to_ndarray().ravel()[max(0, -at) :]
                heard[max(at, 0) : max(at, 0) + len(values)] = values[: max(0, len(heard) - max(at, 0))]
        return heard


def _zero(stream: av.VideoStream) -> float:
    """When the first picture is shown by the file's clock."""
    return float((stream.start_time or 0) * (stream.time_base or 0))
