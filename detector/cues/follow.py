"""One person's landmarks, frame after frame, from the places where the sampled frames saw them.

MediaPipe's mesh follows a face at two thirds of the cost of finding it. It is started anew for each person and each
shot, so the same clip always gives the same landmarks; and a face that strays from where the sampled frames saw the
person is let go, so two people never get mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.closing import Closing
from catchlight.detector.faces import MIN_CONFIDENCE, overlap, solutions, window
from catchlight.detector.quiet import quiet_native_logs
from catchlight.detector.types import Box, Crop, Frame, Points

REACH = 2.2  # side of the watched square in units of the face
STRAYED = 0.15  # share of the square; a face further from its middle gets the square moved
EARLY = 0.5  # seconds before the first sampled frame in which the person is expected in the same place
SAME_PLACE = 0.3  # overlap (IoU) with the place that the sampled frames know; less is another face


class Meshes(Closing):
    """MediaPipe's following meshes, one for each person at work; a context manager that holds native resources."""

    def __init__(self) -> None:
        self._meshes: list[Any] = []

    def take(self, count: int) -> list[Any]:
        """As many meshes as there are people, started anew."""
        with quiet_native_logs():
            while len(self._meshes) < count:
                _, mesh = solutions()
                confidence = {
                    "min_detection_confidence": MIN_CONFIDENCE,
                    "min_tracking_confidence": MIN_CONFIDENCE,
                }
                self._meshes.append(mesh.FaceMesh(max_num_faces=1, refine_landmarks=True, **confidence))
            chosen = self._meshes[:count]
            for mesh in chosen:
                mesh.reset()
                mesh.process(np.zeros((64, 64, 3), np.uint8))  # the graphs log in threads of their own: wait
        return chosen

    def close(self) -> None:
        """Release MediaPipe's resources; calling it twice is fine."""
        while self._meshes:
            self._meshes.pop().close()


class Follower:
    """Follows one person.

    Args:
        mesh: From `Meshes.take`.
        anchors: The person's crops of the sampled frames, in time order.
    """

    def __init__(self, mesh: Any, anchors: Sequence[Crop]) -> None:
        self._mesh, self._anchors, self._next = mesh, anchors, 0
        self._scene = -1
        self._square: Box | None = None

    def see(self, frame: Frame, scene: int) -> Points | None:
        """The person's landmarks in the next frame, float32 (478, 2); None where they are not seen.

        After a cut the person is seen again from the next sampled frame on that shows them.
        """
        if scene != self._scene:
            self._scene, self._square = scene, None
        if self._next == 0 and self._square is None and self._anchors[0].time - frame.time < EARLY:
            self._square = _around(self._anchors[0].face.box)
        while self._next < len(self._anchors) and self._anchors[self._next].time <= frame.time + 1e-3:
            self._meet(self._anchors[self._next], frame.time)
            self._next += 1
        if self._square is None:
            return None
        points = self._find(frame, self._square)
        self._square = None if points is None else self._kept(lm.bounds(points[:468]), self._square)
        return points

    def _meet(self, anchor: Crop, now: float) -> None:
        """Start at a place that the sampled frames know; of one that passed long ago nothing is known."""
        box = anchor.face.box
        if now - anchor.time > 0.2:
            return
        if self._square is None or overlap(_shrunk(self._square), box) < SAME_PLACE:
            self._mesh.reset()
            self._square = _around(box)

    def _find(self, frame: Frame, square: Box) -> Points | None:
        part, left, top, scale = window(frame.image, square, 1.0)
        for _ in range(2):  # a face that was lost is searched for only at the next call
            result = self._mesh.process(part).multi_face_landmarks
            if result:
                relative = np.array([(p.x, p.y) for p in result[0].landmark], np.float32)
                points = relative * np.float32(part.shape[0] / scale) + np.array([left, top], np.float32)
                return points.astype(np.float32)
        return None

    def _kept(self, box: Box, square: Box) -> Box:
        """The same square while the face stays near its middle and of its size, because the mesh follows within it."""
        away = max(
            abs(box.x + box.width / 2 - square.x - square.width / 2),
            abs(box.y + box.height / 2 - square.y - square.height / 2),
        )
        side = max(box.width, box.height) * REACH
        steady = away < STRAYED * square.width and 0.75 < side / square.width < 1.33
        return square if steady else _around(box)


def _around(box: Box) -> Box:
    side = max(box.width, box.height) * REACH
    return Box(box.x + (box.width - side) / 2, box.y + (box.height - side) / 2, side, side)


def _shrunk(square: Box) -> Box:
    """About the face within a watched square."""
    side = square.width / REACH
    return Box(square.x + (square.width - side) / 2, square.y + (square.height - side) / 2, side, side)
