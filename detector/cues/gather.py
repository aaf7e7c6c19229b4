"""A clip while it is read, and the people that are found in it -> what the cues look at.

The frames of the verdict pass by; what is between them is looked at for the cues alone, in a thread of its own. Only
landmarks, mean colours and a few pictures are kept, so a minute of video takes 20 MB. With or without cues the
network sees the same pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.closing import Closing
from catchlight.detector.cues import regions
from catchlight.detector.cues.behind import Behind
from catchlight.detector.cues.follow import PEOPLE, SAME_PLACE, Followers
from catchlight.detector.cues.person import Look, Person
from catchlight.detector.cues.seen import eyes, is_covered
from catchlight.detector.faces import overlap
from catchlight.detector.media import Sampling
from catchlight.detector.mesh import Mesh
from catchlight.detector.tracks import CUT, Vectors, shot_colours
from catchlight.detector.types import Box, Crop, Frame, MediaKind, Pixels, Points, Track

RATE = 12.5  # samples a second: a blink of 0.1 s is met at least once
MOST_SAMPLES = 750  # a minute; of a longer clip an unbroken stretch around its middle is watched
DENSE = Sampling("dense", rate=RATE, max_frames=MOST_SAMPLES)
LOOKS = 8  # pictures kept of each person, evenly in time
LOOK_WIDTH = 320.0  # px; the face of a larger picture is shrunk to this width
SKIN_WIDTH = 64  # px of the face at which colours are averaged
HEAD = (0.45, 0.55, 0.65)  # shares of the face's larger side kept beside, above and below it

CHANGED = 6.0  # levels by which the picture changes on average; less is no cut

Colour = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True)
class _Sample:
    """One face in one frame."""

    anchor: int
    time: float
    scene: int
    landmarks: Points
    skin: Colour
    eyes: Colour


@dataclass(slots=True)
class _Seen:
    """All that was seen so far; an anchor is the identity of a sampled crop."""

    samples: list[_Sample] = field(default_factory=list)
    looks: list[tuple[int, Look]] = field(default_factory=list)

    def person(self, kind: MediaKind, track: Track) -> Person:
        own = {id(crop) for crop in track.crops}
        mine = [sample for sample in self.samples if sample.anchor in own]
        looks = [look for anchor, look in self.looks if anchor in own]
        step = max(1.0, len(looks) / LOOKS)
        return Person(
            kind,
            np.array([sample.time for sample in mine], np.float64),
            np.array([sample.landmarks for sample in mine], np.float32).reshape(-1, lm.COUNT, 2),
            np.array([sample.scene for sample in mine], np.intp),
            np.array([sample.skin for sample in mine], np.float32).reshape(-1, 3),
            tuple(looks[int(at * step)] for at in range(min(LOOKS, len(looks)))),
            eyes=np.array([sample.eyes for sample in mine], np.float32).reshape(-1, 2),
        )


class Cuts:
    """Numbers the shots of frames that follow one another closely, at a tenth of what `Scenes` takes for each.

    Where the picture hardly changes there is no cut; the colours of the others only are compared.
    """

    def __init__(self) -> None:
        self._scene = 0
        self._last: _Shown | None = None

    def scene(self, image: Pixels) -> int:
        """The running number of the shot, from 0, that the next frame (RGB uint8) belongs to."""
        shown = _Shown(image)
        if self._last is not None and shown.is_cut_from(self._last):
            self._scene += 1
        self._last = shown
        return self._scene


class _Shown:
    """A frame, coarsely; its colours are counted once, and only where they are asked for."""

    def __init__(self, image: Pixels) -> None:
        step = max(1, min(image.shape[:2]) // 40)
        self._image, self._coarse = image, image[::step, ::step, 1].astype(np.int16)

    @cached_property
    def _colours(self) -> Vectors:
        return shot_colours(self._image)

    def is_cut_from(self, before: _Shown) -> bool:
        if self._image.shape != before._image.shape:
            return True
        changed = float(np.abs(self._coarse - before._coarse).mean())
        return changed >= CHANGED and 1.0 - float(self._colours @ before._colours) > CUT


class Watch(Closing):
    """Watches the people of one medium while it is read for the verdict; a context manager.

    Args:
        kind: Of the medium.
        mesh: What follows faces; None when no cue asks for landmarks between the sampled frames.
        duration: Of the clip in seconds, as its header says; spreads the pictures over it.

    Attributes:
        why: Why it gave up, in words; else empty.
    """

    def __init__(self, kind: MediaKind, mesh: Mesh | None, duration: float) -> None:
        self._kind, self._mesh = kind, mesh
        self.why = ""
        self._every = min(max(duration, 0.1), MOST_SAMPLES / RATE) / LOOKS
        self._dense = False
        self._anchors: list[tuple[float, tuple[Crop, ...]]] = []
        self._begin()
        self._work: Behind[tuple[Frame, tuple[Crop, ...] | None, bool]] = Behind(self._watch)

    def passing(self, frames: Iterable[tuple[Frame, Sequence[bool]]]) -> Iterator[Frame]:
        """Pass on the frames of the verdict, keep those of the cues.

        Args:
            frames: As `media.frames_together` gives them for the verdict's sampling, and for `DENSE` where it is
                wanted.

        Yields:
            The verdict's frames; each must be given back by `meet` before the next one is taken.
        """
        for frame, (judged, *dense) in frames:
            if judged:
                self._dense = any(dense)
                yield frame
            else:
                self._work.put((frame, None, any(dense)))

    @property
    def dense(self) -> bool:
        """Whether it wants the frames of `DENSE` too."""
        return self._mesh is not None

    def give_up(self, why: str) -> None:
        """Look no further, because the clip can't be read so; nobody was seen then."""
        self.why = why

    def meet(self, frame: Frame, crops: tuple[Crop, ...]) -> None:
        """Take the faces of a sampled frame, the largest first."""
        usable = tuple(crop for crop in crops if crop.quality.problem is None)
        self._work.put((frame, usable, self._dense))

    def people(self, tracks: Sequence[Track]) -> dict[int, Person]:
        """What was seen of some people, without sound, by the id of their track; waits for all of it."""
        self._work.finish()
        return {track.id: self._seen.person(self._kind, track) for track in tracks}

    def close(self) -> None:
        """Stop watching."""
        self._work.close()

    def _begin(self) -> None:
        """Start to watch from the beginning; the anchors stay known."""
        self._seen, self._cuts, self._last = _Seen(), Cuts(), -1.0
        self._cell, self._pictured = -1, list[Box]()
        if self._mesh is not None:
            self._followers = Followers(self._mesh)
            for time, crops in self._anchors:
                self._followers.anchor(time, crops)

    def _watch(self, item: tuple[Frame, tuple[Crop, ...] | None, bool]) -> None:
        frame, crops, dense = item
        if self._mesh is None:
            for crop in (crops or ())[:PEOPLE]:
                points = crop.face.landmarks
                colour, likeness = _skin(frame.image, points), eyes(frame.image, points)
                self._note(frame, crop, crop.scene, points, colour, likeness)
            return
        if crops is not None:
            self._anchors.append((frame.time, crops))
            self._followers.anchor(frame.time, crops)
        if not dense:
            return
        if frame.time <= self._last:
            self._begin()
        self._last = frame.time
        scene = self._cuts.scene(frame.image)
        for crop, glance in self._followers.see(frame, scene):
            colour, likeness = _skin(glance.image, glance.inner), eyes(glance.image, glance.inner)
            self._note(frame, crop, scene, glance.landmarks, colour, likeness)

    def _note(
        self, frame: Frame, anchor: Crop, scene: int, points: Points, skin: Colour, likeness: Colour
    ) -> None:
        self._seen.samples.append(_Sample(id(anchor), frame.time, scene, points, skin, likeness))
        cell = int(frame.time / self._every)
        if cell != self._cell:
            self._cell, self._pictured = cell, []
        box = lm.bounds(points[:468])
        if all(overlap(box, other) < SAME_PLACE for other in self._pictured):
            self._pictured.append(box)
            self._seen.looks.append((id(anchor), _look(frame, points)))


def still(frame: Frame, track: Track) -> Person:
    """A person in a photograph."""
    with Watch("image", None, 0.0) as watch:
        list(watch.passing([(frame, (True, False))]))
        watch.meet(frame, track.crops)
        return watch.people([track])[track.id]


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
    image = np.array(part, np.uint8, order="C")
    return Look(image, moved, frame.time, is_covered(image, moved))


def _skin(image: Pixels, points: Points) -> Colour:
    """Mean RGB of cheeks and forehead."""
    box = lm.bounds(points[:468])
    height, width = image.shape[:2]
    left, top = min(max(0, int(box.x)), width - 1), min(max(0, int(box.y)), height - 1)
    right, bottom = max(left + 1, int(box.x + box.width)), max(top + 1, int(box.y + box.height))
    part = image[top:bottom, left:right]
    scale = min(1.0, SKIN_WIDTH / part.shape[1])
    size = (max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    inside = (points - np.array([left, top], np.float32)) * np.float32(scale)
    rings = (regions.RIGHT_CHEEK, regions.LEFT_CHEEK, regions.FOREHEAD)
    mask = regions.union(inside, rings, small.shape)
    chosen = small[mask] if mask.any() else small.reshape(-1, 3)
    return np.asarray(chosen.mean(axis=0), np.float32)
