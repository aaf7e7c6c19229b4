"""A face bent onto other landmarks, triangle by triangle.

`catchlight.generator.warp` spreads displacements smoothly; between landmarks that a turned head crowds together it
makes bubbles. A mesh of triangles can only stretch. Its edges are those of the mean face (Delaunay), the same for
everybody, and a ring around the face, so that the surroundings join.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Pixels, Points
from catchlight.generator.swap.frame import mean_face
from catchlight.generator.types import Portrait
from catchlight.generator.warp import affine

CHEEKS = (50, 280, 205, 425, 117, 346, 101, 330, 123, 352, 187, 411, 151, 9, 108, 337)
# A third of the landmarks: triangles between all of them are smaller than a pixel, and take four times as long.
CORNERS = tuple(
    dict.fromkeys(
        lm.FACE_OVAL + lm.LIPS + lm.LEFT_EYE + lm.RIGHT_EYE + lm.LEFT_BROW + lm.RIGHT_BROW + lm.NOSE + CHEEKS
    )
)
RING = 1.35  # the oval of the face about its centre by this factor; there the surroundings begin
SUBPIXEL = 4  # bits of a pixel's fraction in which corners are drawn


def bend(source: Portrait, landmarks: Points) -> Pixels:
    """Draw ``source`` with its face where ``landmarks`` are; what a turned head hides is not drawn.

    Args:
        source: The face to bend.
        landmarks: float32, shape (478, 2), pixels of the result, which has the source's shape.

    Returns:
        RGB uint8; outside the ring the picture follows by the affine part alone, beyond its border it is mirrored.
    """
    side = source.image.shape[0]
    places, origins = _with_ring(landmarks), _with_ring(source.landmarks)
    shown = triangles()[_facing(places[triangles()])]
    maps = np.concatenate([_maps(places[shown], origins[shown]), affine(landmarks, source.landmarks)[None]])
    owner = _drawn(places[shown], side)
    y, x = np.indices((side, side), np.float32)
    chosen = maps.astype(np.float32)[owner]
    u, v = (chosen[..., row, 0] * x + chosen[..., row, 1] * y + chosen[..., row, 2] for row in (0, 1))
    drawn = cv2.remap(source.image, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(drawn, np.uint8)


@cache
def triangles() -> NDArray[np.intp]:
    """Corners of all triangles, shape (m, 3): numbers of `CORNERS`, then of the ring's points."""
    from scipy.spatial import Delaunay

    found = Delaunay(_with_ring(mean_face()).astype(np.float64)).simplices.astype(np.intp)
    mirrored = ~_facing(_with_ring(mean_face())[found])
    found[mirrored] = found[mirrored][:, ::-1]
    return np.asarray(found, np.intp)


def _with_ring(landmarks: Points) -> Points:
    oval = landmarks[list(lm.FACE_OVAL)]
    centre = oval.mean(axis=0)
    return np.concatenate([landmarks[list(CORNERS)], centre + (oval - centre) * np.float32(RING)])


def _facing(corners: Points) -> NDArray[np.bool_]:
    """Which triangles, shape (m, 3, 2), show their front."""
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] > 0)


def _maps(places: Points, origins: Points) -> NDArray[np.float64]:
    """The affine map of each triangle from where it lies to where it comes from, shape (m, 2, 3)."""
    edges, onto = (
        np.stack([c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]], axis=-1).astype(np.float64)
        for c in (places, origins)
    )
    (a, b), (c, d) = edges[:, 0].T, edges[:, 1].T
    size = np.maximum(a * d - b * c, 1e-9)
    inverse = np.stack([np.stack([d, -b], -1), np.stack([-c, a], -1)], axis=1) / size[:, None, None]
    linear = onto @ inverse
    shift = origins[:, 0] - np.einsum("mij,mj->mi", linear, places[:, 0])
    return np.concatenate([linear, shift[..., None]], axis=-1)


def _drawn(corners: Points, side: int) -> NDArray[np.int32]:
    """The number of the triangle that each pixel lies in, shape (side, side); their count where there is none."""
    owner = np.full((side, side), len(corners), np.int32)
    for number, corner in enumerate(np.round(corners * 2**SUBPIXEL).astype(np.int32)):
        cv2.fillConvexPoly(owner, corner, (number,), cv2.LINE_8, SUBPIXEL)
    return owner
