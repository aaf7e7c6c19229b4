"""Frames -> faces: MediaPipe's networks find faces and place 478 landmarks, irises included, on each.

Two steps, because each alone fails: the face mesh's own detector misses faces that are small in the
picture, and the full-range detector misses 30 % of the faces that fill it. So boxes come from the
full-range detector, else the short-range one, else the short-range one on the picture with a mirrored
border; and the short-range one and the mesh then look at each box by itself. The border is used for finding
only: it never reaches a network that judges.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from catchlight.detector import landmarks as lm
from catchlight.detector.blaze import FULL_RANGE, SHORT_RANGE, BlazeFace
from catchlight.detector.closing import Closing
from catchlight.detector.mesh import Mesh
from catchlight.detector.types import Box, Face, Pixels

MOST = 16  # faces of a picture: a group photograph
SPARE = 2  # boxes looked into for each face that is wanted: some hold none, or the same one
BORDER = 0.25  # share of the picture added on each side when nothing was found
SEARCH_SIDE = 1920  # px; larger pictures are averaged down to it before the detectors sample them at 192
MESH_SIDE = 320  # the mesh works at 192 px; larger input only costs
SAME_FACE = 0.4  # two boxes that overlap more (IoU) are one face
STILL = 0.75  # a face that overlaps its expected box more (IoU) was looked at from its place
LOOKS = 2  # at a face that is looked for again, at most
MOVED = 0.2  # a face that overlaps its expected box less (IoU) is another one, or has moved too far
TILED_FROM = 960  # px; pictures with a longer side than this are also searched in tiles, where asked
TILE = 0.6  # side of a tile as a share of the picture's; two by two overlap, so that no face is cut by all
LARGE = 0.25  # a face over this share of the picture's shorter side may be missed by the full-range detector


class FaceFinder(Closing):
    """Finds faces and their landmarks; a context manager, because the networks' memory is not Python's.

    Not for use by two threads at once.

    Raises:
        ConfigError: MediaPipe, whose package brings the networks, is not installed or in another release.

    Example:
        >>> with FaceFinder() as finder:
        ...     finder.find(np.zeros((480, 640, 3), np.uint8))
        ()
    """

    def __init__(self) -> None:
        self._far, self._near, self._mesh = BlazeFace(FULL_RANGE), BlazeFace(SHORT_RANGE), Mesh()

    def find(
        self, image: Pixels, thorough: bool = False, expected: Sequence[Face] = (), most: int = MOST
    ) -> tuple[Face, ...]:
        """Find all faces of one picture.

        Args:
            image: RGB uint8, shape (height, width, 3).
            thorough: Also search the quarters of a large picture, for the small faces of a group, and look twice
                for large ones; up to four times the time. It is done anyway where nothing else is found.
            expected: The faces of a moment ago. They are looked for in their places, which saves the search; where
                one of them is not found again, all is searched. Newcomers are not seen.
            most: How many faces, the largest.

        Returns:
            Faces, the largest first, at most ``most``; empty when there is none.
        """
        image = np.ascontiguousarray(image)
        return self._find_again(image, expected) or self._find(image, thorough, most)

    def _find(self, image: Pixels, thorough: bool, most: int) -> tuple[Face, ...]:
        boxes = sorted(self._boxes(image, thorough), key=lambda pair: -pair[0].width * pair[0].height)
        found = [self._landmarks(image, box, score) for box, score in boxes[: SPARE * most]]
        return _distinct([face for face in found if face is not None])[:most]

    def _find_again(self, image: Pixels, expected: Sequence[Face]) -> tuple[Face, ...]:
        """The expected faces in their present places; nothing if any is missing."""
        found = []
        for face in expected:
            again = self._place_again(image, face)
            if again is None or overlap(again.box, face.box) < MOVED:
                return ()
            found.append(again)
        distinct = _distinct(found)
        return distinct if len(distinct) == len(expected) else ()

    def _place_again(self, image: Pixels, face: Face) -> Face | None:
        """A face's landmarks from where it was, by the mesh alone.

        A second look is taken where the first one was not from right above the face.
        """
        for _ in range(LOOKS):
            glance = self._mesh.see(image, face.landmarks)
            if glance is None:
                return None
            before = face.box
            face = Face(lm.bounds(glance.landmarks[:468]), glance.landmarks, face.confidence)
            if overlap(face.box, before) > STILL:
                break
        return face

    def close(self) -> None:
        """Let go of the networks; calling it twice is fine."""
        for name in ("_far", "_near", "_mesh"):
            vars(self).pop(name, None)

    def _boxes(self, image: Pixels, thorough: bool) -> list[tuple[Box, float]]:
        short_side, long_side = sorted(image.shape[:2])
        boxes = _search(self._far, image)
        if not boxes or (thorough and max(box.width for box, _ in boxes) > LARGE * short_side):
            boxes = boxes + _search(self._near, image)
        if long_side > TILED_FROM and (thorough or not boxes):
            boxes = boxes + self._boxes_of_tiles(image)
        return _separate(boxes) or self._boxes_with_border(image)

    def _boxes_of_tiles(self, image: Pixels) -> list[tuple[Box, float]]:
        height, width = (round(side * TILE) for side in image.shape[:2])
        found = []
        for top in (0, image.shape[0] - height):
            for left in (0, image.shape[1] - width):
                tile = np.ascontiguousarray(image[top : top + height, left : left + width])
                found += [
                    (Box(b.x + left, b.y + top, *b[2:]), score) for b, score in _search(self._far, tile)
                ]
        return found

    def _boxes_with_border(self, image: Pixels) -> list[tuple[Box, float]]:
        scale = min(1.0, SEARCH_SIDE / max(image.shape[:2]))
        small = _shrunk(image, scale)
        height, width = small.shape[:2]
        across, down = round(width * BORDER), round(height * BORDER)
        wide = cv2.copyMakeBorder(small, down, down, across, across, cv2.BORDER_REFLECT_101)
        boxes = _search(self._near, np.asarray(wide, np.uint8))
        inner = [(Box(b.x - across, b.y - down, b.width, b.height), score) for b, score in boxes]
        return [(Box(*(value / scale for value in box)), score) for box, score in inner]

    def _landmarks(self, image: Pixels, box: Box, score: float) -> Face | None:
        # The face is found again in a square; a second framing saves most misses.
        for reach in (2.0, 1.4, 2.8):
            square, left, top, scale = window(image, box, reach)
            found = self._near.find(square)
            glance = self._mesh.look(square, found[0].box, found[0].angle) if found else None
            if glance is not None:
                points = glance.landmarks / scale + np.array([left, top], np.float32)
                return Face(lm.bounds(points[:468]), points.astype(np.float32), score)
        return None


def window(image: Pixels, box: Box, reach: float) -> tuple[Pixels, float, float, float]:
    """A square of ``reach`` times the box, shrunk to `MESH_SIDE` px, its edges drawn out past the border.

    It is shrunk before it is drawn out: a face that fills a large picture would need a square of gigabytes.
    """
    side = max(16, round(max(box.width, box.height) * reach))
    left = round(box.x + box.width / 2 - side / 2)
    top = round(box.y + box.height / 2 - side / 2)
    height, width = image.shape[:2]
    x0, y0 = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    part = image[y0 : max(min(top + side, height), y0 + 1), x0 : max(min(left + side, width), x0 + 1)]
    scale = min(1.0, MESH_SIDE / side)
    part = _shrunk(part, scale)
    whole = round(side * scale)
    above, before = (min(max(round(gap * scale), 0), whole) for gap in (y0 - top, x0 - left))
    below, after = max(whole - above - part.shape[0], 0), max(whole - before - part.shape[1], 0)
    square = cv2.copyMakeBorder(part, above, below, before, after, cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(square[:whole, :whole], np.uint8), float(left), float(top), scale


def _shrunk(image: Pixels, scale: float) -> Pixels:
    if scale >= 1.0:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _search(network: BlazeFace, image: Pixels) -> list[tuple[Box, float]]:
    scale = min(1.0, SEARCH_SIDE / max(image.shape[:2]))  # it looks at 192 px in any case
    found = network.find(_shrunk(image, scale))
    return [(Box(*(value / scale for value in each.box)), each.score) for each in found]


def _separate(boxes: list[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """Boxes of one face each, the surest kept, so that the mesh does not look at a face twice."""
    kept: list[tuple[Box, float]] = []
    for box, score in sorted(boxes, key=lambda pair: -pair[1]):
        if all(overlap(box, other) < SAME_FACE for other, _ in kept):
            kept.append((box, score))
    return kept


def _distinct(faces: list[Face]) -> tuple[Face, ...]:
    """Drop the weaker of two findings of one face; the largest face comes first."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda f: -f.confidence):
        if all(overlap(face.box, other.box) < SAME_FACE for other in kept):
            kept.append(face)
    return tuple(sorted(kept, key=lambda f: -f.box.width * f.box.height))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    across = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    down = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    shared = max(across, 0.0) * max(down, 0.0)
    union = a.width * a.height + b.width * b.height - shared
    return shared / union if union > 0 else 0.0
