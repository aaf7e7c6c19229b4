"""Reflections in the eyes altered: the highlights of the two corneas are taken away, moved, or made to disagree.

Both eyes look at the same lamps, so in a photograph their highlights agree; generated faces get them wrong (Hu, Li &
Lyu, "Exposing GAN-generated Faces Using Inconsistent Corneal Specular Highlights", ICASSP 2021). Highlights are sought
inside the irises of the landmarks, where the eye is open.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.types import Points
from catchlight.generator.hardness import Dial
from catchlight.generator.methods.self_blend import blend
from catchlight.generator.options import Choice
from catchlight.generator.types import Forgery, Mask, Portrait

ACTIONS = ("removed", "moved", "differing")
EYES = ((lm.RIGHT_IRIS, lm.RIGHT_EYE), (lm.LEFT_IRIS, lm.LEFT_EYE))
OVER = 30.0  # grey levels over the iris' median that make a highlight
SMALLEST = 1.5  # px, radius of an iris; what is smaller is drawn as large, so that it shows at all
Picture = NDArray[np.float32]


class EyeReflections:
    """The method as the registry makes it.

    Args:
        action: A name in `ACTIONS`, or None to draw one.
        hardness: 0 (easy to see: large, bright, far off) to 1, or None to draw every strength.

    Raises:
        UnknownName: No such action.

    Example:
        >>> from catchlight.generator.testing import sample_portrait
        >>> forgery = EyeReflections("differing")(sample_portrait(64), None, np.random.default_rng(1))
        >>> bool(0 < (forgery.mask > 0).mean() < 0.03)
        True
    """

    family = "eye_reflections"

    def __init__(self, action: str | None = None, hardness: float | None = None) -> None:
        self.action, self.dial = Choice("action", action, ACTIONS), Dial(hardness)

    def __call__(self, target: Portrait, source: Portrait | None, rng: np.random.Generator) -> Forgery:
        """Alter the highlights in the eyes of ``target``; a source is not used."""
        action = self.action.draw(rng)
        away, size, light = (
            self.dial.uniform(rng, low, high, hard="low")
            for low, high in ((0.15, 0.55), (0.15, 0.35), (0.4, 1.0))
        )
        turn = rng.uniform(0, 2 * np.pi)
        apart = rng.uniform(0.6, 1.4) * np.pi if action == "differing" else 0.0
        amount = np.float32(self.dial.uniform(rng, 0.6, 1.0, hard="low"))
        image, mask = target.image.copy(), np.zeros(target.image.shape[:2], np.float32)
        for number, (names, lids) in enumerate(EYES):
            centre, radius = _iris(target.landmarks, names)
            part, corner = _around(mask.shape, centre, 2 * radius)
            if not mask[part].size:  # the eye lies outside the picture
                continue
            disc = _disc(mask[part].shape, centre - corner, radius)
            disc *= _open(disc.shape, target.landmarks[list(lids)] - corner)
            eye = _plain(image[part].astype(np.float32), disc)
            if action != "removed":
                direction = np.array([np.cos(turn + number * apart), np.sin(turn + number * apart)])
                eye = _lit(eye, centre - corner + away * radius * direction, size * radius, light)
            image[part] = np.clip(eye + 0.5, 0, 255).astype(np.uint8)
            mask[part] = np.maximum(mask[part], disc * amount)
        return Forgery(blend(target.image, image, mask), mask)


def _iris(points: Points, names: tuple[int, ...]) -> tuple[Points, float]:
    """Centre, shape (2,), and radius in pixels."""
    centre, rim = points[names[0]], points[list(names[1:])]
    return centre, max(SMALLEST, float(np.linalg.norm(rim - centre, axis=1).mean()))


def _around(shape: tuple[int, ...], centre: Points, reach: float) -> tuple[tuple[slice, slice], Points]:
    """The square about a point, inside the picture, and its corner (x, y)."""
    low = [max(0, int(value - reach)) for value in centre]
    high = [max(0, int(value + reach) + 2) for value in centre]
    return np.s_[low[1] : high[1], low[0] : high[0]], np.array(low, np.float32)


def _disc(shape: tuple[int, ...], centre: Points, radius: float) -> Mask:
    """1 inside, 0 outside, over one pixel of edge."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    distance = np.hypot(x - np.float32(centre[0]), y - np.float32(centre[1]))
    return np.clip(radius + 0.5 - distance, 0, 1).astype(np.float32)


def _open(shape: tuple[int, ...], lids: Points) -> Mask:
    """What the lids leave open, a pixel more, since a shut eye must still have a mask."""
    hull = np.zeros(shape[:2], np.float32)
    cv2.fillConvexPoly(hull, np.round(cv2.convexHull(lids)).astype(np.int32), (1.0,))
    return np.asarray(cv2.dilate(hull, np.ones((3, 3), np.uint8)), np.float32)


def _plain(image: Picture, disc: Mask) -> Picture:
    """The iris without highlights: they take the median colour of the rest, with soft edges."""
    inside = disc > 0.5
    if not inside.any():
        return image
    usual = np.median(image[inside], axis=0)
    over = (image.mean(axis=2) > usual.mean() + OVER) & (disc > 0)
    weight = cv2.GaussianBlur(
        cv2.dilate(over.astype(np.uint8), np.ones((3, 3))).astype(np.float32), (3, 3), 0
    )
    return np.asarray(image + weight[..., None] * (usual.astype(np.float32) - image), np.float32)


def _lit(image: Picture, place: NDArray[np.float64], radius: float, light: float) -> Picture:
    """A round highlight, ``light`` 0 to 1 of the way to white in its middle."""
    y, x = np.ogrid[: image.shape[0], : image.shape[1]]
    spot = light * np.exp(-((x - place[0]) ** 2 + (y - place[1]) ** 2) / (2 * radius**2))
    return np.asarray(image + spot.astype(np.float32)[..., None] * (255 - image), np.float32)
