"""A clip and the people that were found in it -> what the cues look at: the second, dense pass over the clip.

Only landmarks, mean colours and a few pictures are kept, so a minute of video takes 20 MB. The first pass, which
decides the verdict, is not touched: with or without cues the network sees the same pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.cues import regions
from catchlight.detector.cues.follow import Follower
from catchlight.detector.cues.person import Look, Person, Sound
from catchlight.detector.media import Limits, Sampling, frames
from catchlight.detector.prefetch import prefetched
from catchlight.detector.tracks import Scenes
from catchlight.detector.types import Frame, MediaKind, Points, Track

RATE = 12.5  # samples a second: a blink of 0.1 s is met at least once
MOST_SAMPLES = 750  # a minute; of a longer clip an unbroken stretch around its middle is watched
LOOKS = 8  # pictures kept of each person, evenly in time
LOOK_WIDTH = 320.0  # px; the face of a larger picture is shrunk to this width
SKIN_WIDTH = 64  # px of the face at which colours are averaged
HEAD = (0.45, 0.55, 0.65)  # shares of the face's larger side kept beside, above and below it


@dataclass(slots=True)
class _Watched:
    """What was seen of one person so far."""

    times: list[float]
    landmarks: list[Points]
    scenes: list[int]
    skin: list[np.ndarray[Any, np.dtype[np.float32]]]
    looks: list[Look]
    next_look: float = 0.0

    def person(self, kind: MediaKind, sound: Sound | None) -> Person:
        n = len(self.times)
        return Person(
            kind,
            np.array(self.times, np.float64),
            np.array(self.landmarks, np.float32).reshape(n, lm.COUNT, 2),
            np.array(self.scenes, np.intp),
            np.array(self.skin, np.float32).reshape(n, 3),
            tuple(self.looks),
            sound,
        )


def still(frame: Frame, track: Track) -> Person:
    """A person in a photograph."""
    crop = track.crops[0]
    watched = _Watched([], [], [], [], [])
    _note(watched, frame, 0, crop.face.landmarks, 1.0)
    return watched.person("image", None)


def watch(
    path: Path, tracks: Sequence[Track], meshes: Sequence[Any], limits: Limits, duration: float
) -> tuple[list[Person], tuple[float, float]]:
    """Follow people through a clip.

    Args:
        path: The clip.
        tracks: The people as the sampled frames saw them.
        meshes: One for each, started anew.
        limits: What is refused, and how long decoding may take.
        duration: Of the clip in seconds, as its header says; spreads the pictures over it.

    Returns:
        The people, without sound, and the first and last second watched.

    Raises:
        MediaError: The clip can't be read a second time, or time runs out.
    """
    followers = [Follower(mesh, track.crops) for mesh, track in zip(meshes, tracks, strict=True)]
    watched = [_Watched([], [], [], [], []) for _ in tracks]
    scenes, first, last = Scenes(), None, 0.0
    every = min(max(duration, 0.1), MOST_SAMPLES / RATE) / LOOKS
    dense = Sampling("dense", rate=RATE, max_frames=MOST_SAMPLES)
    with closing(prefetched(frames(path, dense, limits))) as source:
        for frame in source:
            scene = scenes.number(frame.image)
            first, last = frame.time if first is None else first, frame.time
            for follower, one in zip(followers, watched, strict=True):
                points = follower.see(frame, scene)
                if points is not None:
                    _note(one, frame, scene, points, every)
    return [one.person("video", None) for one in watched], (first or 0.0, last)


def _note(watched: _Watched, frame: Frame, scene: int, points: Points, every: float) -> None:
    watched.times.append(frame.time)
    watched.landmarks.append(points)
    watched.scenes.append(scene)
    watched.skin.append(_skin(frame, points))
    if frame.time >= watched.next_look and len(watched.looks) < LOOKS:
        watched.looks.append(_look(frame, points))
        watched.next_look = frame.time + every


def _look(frame: Frame, points: Points) -> Look:
    """The head in the frame's own pixels, shrunk only where it is very large."""
    box = lm.bounds(points[:468])
    side = max(box.width, box.height)
    beside, above, below = (share * side for share in HEAD)
    height, width = frame.image.shape[:2]
    left, top = max(0, int(box.x - beside)), max(0, int(box.y - above))
    right = min(width, int(box.x + box.width + beside) + 1)
    bottom = min(height, int(box.y + box.height + below) + 1)
    part = frame.image[top : max(bottom, top + 1), left : max(right, left + 1)]
    moved = points - np.array([left, top], np.float32)
    scale = min(1.0, LOOK_WIDTH / max(box.width, 1.0))
    if scale < 1.0:
        size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
        ratio = np.array([size[0] / part.shape[1], size[1] / part.shape[0]], np.float32)
        part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        moved = (moved * ratio).astype(np.float32)
    return Look(np.array(part, np.uint8, order="C"), moved, frame.time)


def _skin(frame: Frame, points: Points) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Mean RGB of cheeks and forehead."""
    box = lm.bounds(points[:468])
    height, width = frame.image.shape[:2]
    left, top = min(max(0, int(box.x)), width - 1), min(max(0, int(box.y)), height - 1)
    right, bottom = max(left + 1, int(box.x + box.width)), max(top + 1, int(box.y + box.height))
    part = frame.image[top:bottom, left:right]
    scale = min(1.0, SKIN_WIDTH / part.shape[1])
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    inside = (points - np.array([left, top], np.float32)) * np.float32(scale)
    rings = (regions.RIGHT_CHEEK, regions.LEFT_CHEEK, regions.FOREHEAD)
    mask = regions.union(inside, rings, small.shape)
    chosen = small[mask] if mask.any() else small.reshape(-1, 3)
    return np.asarray(chosen.mean(axis=0), np.float32)
