"""People's landmarks, frame after frame, from the places where the sampled frames saw them.

Each sampled frame's faces are anchors: a face that is followed there is met, any other starts to be followed. After
a cut nobody is followed until the next anchor, and a follower whose anchor has become another face goes on as that
one, so two people never get mixed. The network sees each frame by itself; the same clip always gives the same
landmarks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.faces import overlap
from catchlight.detector.mesh import Glance, Mesh
from catchlight.detector.types import Box, Crop, Frame, Pixels, Points

PEOPLE = 3  # followed at once, the largest; each more costs as much again
SAME_PLACE = 0.3  # overlap (IoU) with an anchor from which on it is the same face
ONE_FACE = 0.6  # overlap of two followed faces from which on they are one
MOVED = 0.2  # overlap with the place a moment ago below which the face was lost
STRAYED = 0.05  # of the face, and radians, by which it may leave the middle of what the network looks at
LATE = 0.2  # seconds after which nothing is known of where an anchor is now


class Follower:
    """Follows one face until it is lost.

    Attributes:
        anchor: The sampled crop that it was last known by.
    """

    def __init__(self, anchor: Crop) -> None:
        self.anchor = anchor
        self._points: Points = anchor.face.landmarks
        self.box: Box = anchor.face.box

    def see(self, mesh: Mesh, image: Pixels) -> Glance | None:
        """The face in the next frame; None when it is lost."""
        glance = mesh.see(image, self._points)
        if glance is None or not np.isfinite(glance.landmarks).all():
            return None
        box = lm.bounds(glance.landmarks[:468])
        if overlap(box, self.box) < MOVED:
            return None
        if _strayed(glance.landmarks, self._points):
            self._points = glance.landmarks
        self.box = box
        return glance


class Followers:
    """Follows the people of a clip.

    Args:
        mesh: What places landmarks.
    """

    def __init__(self, mesh: Mesh) -> None:
        self._mesh = mesh
        self._following: list[Follower] = []
        self._anchors: list[tuple[float, tuple[Crop, ...]]] = []
        self._scene, self._from = -1, 0.0

    def anchor(self, time: float, crops: Sequence[Crop]) -> None:
        """Remember the faces of a sampled frame; frames come in the order of time."""
        self._anchors.append((time, tuple(crops[:PEOPLE])))

    def see(self, frame: Frame, scene: int) -> list[tuple[Crop, Glance]]:
        """The faces in the next frame, each with the anchor that it was last known by."""
        if scene != self._scene:
            self._scene, self._from, self._following = scene, frame.time, []
        while self._anchors and self._anchors[0][0] <= frame.time + 1e-3:
            time, crops = self._anchors.pop(0)
            if time >= max(self._from, frame.time - LATE) - 1e-3:
                self._meet(crops)
        seen = [(one, one.see(self._mesh, frame.image)) for one in self._following]
        found = [(one, glance) for one, glance in seen if glance is not None]
        self._following = _apart([one for one, _ in found])
        return [(one.anchor, glance) for one, glance in found if one in self._following]

    def _meet(self, crops: Sequence[Crop]) -> None:
        free, met = list(self._following), []
        for crop in crops:
            near = max(free, key=lambda one: overlap(one.box, crop.face.box), default=None)
            if near is not None and overlap(near.box, crop.face.box) >= SAME_PLACE:
                free.remove(near)
                near.anchor = crop
                met.append(near)
            else:
                met.append(Follower(crop))
        self._following = [*met, *free][:PEOPLE]


def _strayed(now: Points, then: Points) -> bool:
    """Whether a face has left the middle of what the network looks at; while it stays, the square stays, too.

    A square that followed each time would feed the network's own noise back to it: a still face would tremble.
    """
    new, old = lm.bounds(now), lm.bounds(then)
    away = max(
        abs(new.x - old.x + (new.width - old.width) / 2), abs(new.y - old.y + (new.height - old.height) / 2)
    )
    larger = max(new.width, new.height) / max(old.width, old.height, 1.0)
    turned = abs(lm.roll(now) - lm.roll(then))
    return away > STRAYED * max(old.width, old.height) or abs(larger - 1) > 1.5 * STRAYED or turned > STRAYED


def _apart(followers: Sequence[Follower]) -> list[Follower]:
    """Those that follow faces of their own; of two on one face the one met first is kept."""
    kept: list[Follower] = []
    for one in followers:
        if all(overlap(one.box, other.box) < ONE_FACE for other in kept):
            kept.append(one)
    return kept
