"""Whether eyes and mouth are seen at all: a network places landmarks behind dark glasses and masks, too.

An eye is seen where the picture looks like an eye: it is held against the average eye by normalised correlation, its
iris must be darker than the white beside it, and the picture no mosaic. `mean_eye.npy` is what the mean of 586 open
eyes (of 76 people in real clips) has beyond the mean of 134 eyes shut in a blink (of 30 of them), each less its mean
and over its deviation, the outer corner on the left; so a closed eye is not like it either. Mouth and nose are
covered where lips can't be told from the lower cheeks while these differ from the forehead.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector.cues.person import Person
from catchlight.detector.cues.regions import lab
from catchlight.detector.types import Pixels, Points

Floats = NDArray[np.float64]
Grey = NDArray[np.float32]


class Eye(NamedTuple):
    """Lids from the outer corner to the inner one, and the rim of the iris; ``sense`` is -1 where it is mirrored."""

    upper: tuple[int, ...]
    lower: tuple[int, ...]
    iris: tuple[int, ...]

    @property
    def sense(self) -> int:
        """Whether the average eye lies as this one does (1), or mirrored (-1)."""
        return 1 if self.upper[0] == 33 else -1


RIGHT = Eye(
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
    lm.RIGHT_IRIS[1:],
)
LEFT = Eye(
    (263, 466, 388, 387, 386, 385, 384, 398, 362),
    (263, 249, 390, 373, 374, 380, 381, 382, 362),
    lm.LEFT_IRIS[1:],
)
ACROSS = 20.0  # px between the corners of an eye in the average one
FLAT = 4.0  # levels of deviation below which a picture has no pattern
LEVEL = 0.08  # of the deviation, up to which two neighbours are alike
# Share of alike neighbours from which on it is no eye, and over how much that sets in.
BLOCKS, BLOCKS_FADE = 0.45, 0.08
HALF = 0.05  # contrast of iris and white at which a likeness counts half
SHARES = np.linspace(0.25, 0.75, 5)[:, None]  # of the way from the upper lid to the lower one
DARK = 32.0  # levels that both must have together for their contrast to mean something
OPEN = 0.7  # quantile over time: eyes are closed and turned away for less than that
# Likeness of both eyes, and of the weaker one; 71 of 75 real clips of open eyes have more.
SEEN, ONE_SEEN = 0.25, 0.1
HIDDEN = "the eyes can't be made out (closed, lowered, or behind dark glasses, a reflection or a shadow)"
ONE_HIDDEN = "one of the eyes can't be made out"
BEFORE = "the eyes can't be made out, so glasses or the like may lie before other parts of the face, too"
COVERED = "mouth and nose are covered or hardly seen"

LIPS = (0, 267, 37, 17, 84, 314, 269, 39, 405, 181)
LOWER_CHEEKS = (205, 425, 203, 423, 50, 280, 187, 411)
BROW = (151, 9, 108, 337, 10, 107, 336)
LIPS_ALIKE = 1.2  # Lab (a, b) between lips and cheeks; real lips differ by more, cloth by less
LIPS_DARKER = 4.0  # levels of L by which real lips are darker
OTHER_COLOUR, OTHER_LIGHT = 12.0, 20.0  # Lab between cheeks and forehead from which on one of them is no skin


def eyes(image: Pixels, points: Points) -> NDArray[np.float32]:
    """How much like an eye the right and the left one look.

    Args:
        image: RGB uint8, shape (height, width, 3).
        points: float32, shape (478, 2), pixels of ``image``.

    Returns:
        float32, shape (2,): about 0.6 for an open eye, 0 for a closed one and where none is seen.
    """
    return np.array([_likeness(image, points, eye) for eye in (RIGHT, LEFT)], np.float32)


def why_hidden(likeness: NDArray[np.float32]) -> str | None:
    """Why eyes can't be judged by what was seen of them over time, shape (n, 2); None when they can, or unknown."""
    if not len(likeness):
        return None
    each = np.column_stack([likeness, likeness.mean(axis=1)])
    *single, both = each[0] if len(each) == 1 else np.quantile(each, OPEN, axis=0)
    if max(single) >= SEEN > ONE_SEEN > min(single):
        return ONE_HIDDEN
    return HIDDEN if both < SEEN else None


def is_covered(image: Pixels, points: Points) -> bool:
    """Whether a mask, a hand or the like covers mouth and nose in a picture.

    Args:
        image: RGB uint8, shape (height, width, 3).
        points: float32, shape (478, 2), pixels of ``image``.
    """
    lips, cheeks, brow = (_tone(image, points, places) for places in (LIPS, LOWER_CHEEKS, BROW))
    if lips is None or cheeks is None or brow is None:
        return False
    alike = float(np.hypot(*(lips - cheeks)[1:])) < LIPS_ALIKE and cheeks[0] - lips[0] < LIPS_DARKER
    differ = float(np.hypot(*(cheeks - brow)[1:])) > OTHER_COLOUR or abs(cheeks[0] - brow[0]) > OTHER_LIGHT
    return bool(alike and differ)


def mostly_covered(person: Person) -> bool:
    """Whether mouth and nose are covered in most pictures of a person."""
    return 2 * sum(look.covered for look in person.looks) > len(person.looks)


def _likeness(image: Pixels, points: Points, eye: Eye) -> float:
    grey, turn, shift = _upright(image, points, eye)
    pattern = grey - cv2.mean(grey)[0]
    deviation = max(float(cv2.norm(pattern)) / float(np.sqrt(grey.size)), FLAT)
    alike = float(np.vdot(pattern, mean_eye())) / (deviation * float(np.sqrt(grey.size)))
    alike *= min(max((BLOCKS - _level(grey, deviation)) / BLOCKS_FADE, 0.0), 1.0)
    back = turn / float(
        turn[:, 0] @ turn[:, 0]
    )  # its inverse, transposed: it turns, mirrors and scales alike
    places = (points[[*eye.upper, *eye.lower, *eye.iris]] - shift) @ back
    count = len(eye.upper)
    contrast = max(0.0, _contrast(grey, places[:count], places[count : 2 * count], places[2 * count :]))
    return alike * contrast / (contrast + HALF)


def _level(grey: Grey, deviation: float) -> float:
    """Share of neighbouring pixels that are alike: a third in an eye, more than half in the blocks of a mosaic."""
    steps = (np.abs(grey[:, 1:] - grey[:, :-1]), np.abs(grey[1:] - grey[:-1]))
    return sum(float(np.count_nonzero(step < LEVEL * deviation)) / step.size for step in steps) / 2


def _upright(image: Pixels, points: Points, eye: Eye) -> tuple[Grey, Floats, Floats]:
    """The eye as the average one lies, and the map from its pixels to the picture's: turn and shift."""
    shape = mean_eye().shape
    outer, inner = points[eye.upper[0]].astype(np.float64), points[eye.upper[-1]].astype(np.float64)
    along = (inner - outer) / ACROSS
    along = along if float(np.hypot(*along)) > 1e-3 else np.array([1e-3, 0.0])
    turn = np.array([[along[0], -along[1] * eye.sense], [along[1], along[0] * eye.sense]])
    shift = (outer + inner) / 2 - turn @ ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    fine = max(1, min(8, round(float(np.hypot(*along)))))  # a large eye is read finely, and averaged
    affine = np.hstack([turn / fine, (shift + turn @ np.full(2, 0.5 / fine - 0.5))[:, None]])
    patch = cv2.warpAffine(
        image,
        affine,
        (shape[1] * fine, shape[0] * fine),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    small = cv2.resize(patch, shape[::-1], interpolation=cv2.INTER_AREA) if fine > 1 else patch
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.float32), turn, shift


def _contrast(grey: Grey, upper: Floats, lower: Floats, iris: Floats) -> float:
    """How much darker the iris is than the brighter side of the white, between the lids (Michelson)."""
    middle = float(iris[:, 0].mean())
    radius = float(np.hypot(*(iris[0] - iris[2]))) / 2
    start, stop = float(upper[0, 0]) + 0.08 * ACROSS, float(upper[-1, 0]) - 0.08 * ACROSS
    spans = (
        (middle - 0.6 * radius, middle + 0.6 * radius),
        (start, middle - 1.1 * radius),
        (middle + 1.1 * radius, stop),
    )
    dark, *sides = _brightness(grey, upper, lower, spans)
    white = max((side for side in sides if side is not None), default=None)
    if dark is None or white is None:
        return 0.0
    return (white - dark) / max(white + dark, DARK)


def _brightness(
    grey: Grey, upper: Floats, lower: Floats, spans: Sequence[tuple[float, float]]
) -> list[float | None]:
    """Means between the lids over some spans across, in the inner half of the opening; None where there is no room."""
    across = np.concatenate([start + np.arange(5) * ((stop - start) / 4) for start, stop in spans])
    top, bottom = (np.interp(across, ring[:, 0], ring[:, 1]) for ring in (upper, lower))
    rows = (top + SHARES * (bottom - top)).astype(np.float32)
    columns = np.repeat(across[None].astype(np.float32), len(SHARES), axis=0)
    read = cv2.remap(grey, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    means = read.reshape(len(SHARES), len(spans), 5).mean(axis=(0, 2))
    return [
        float(mean) if stop - start >= 0.75 else None
        for mean, (start, stop) in zip(means, spans, strict=True)
    ]


def _tone(image: Pixels, points: Points, wanted: tuple[int, ...]) -> Floats | None:
    """Median Lab around some landmarks; None where fewer than half of them lie in the picture."""
    height, width = image.shape[:2]
    places = np.round(points[list(wanted)]).astype(np.intp)
    inside = (places >= 1).all(axis=1) & (places < (width - 1, height - 1)).all(axis=1)
    if 2 * inside.sum() < len(wanted):
        return None
    near = np.array([(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1)])
    columns, rows = (places[inside][:, None] + near).reshape(-1, 2).T
    return np.asarray(np.median(lab(image[rows, columns][None])[0], axis=0), np.float64)


@cache
def mean_eye() -> Grey:
    """The average eye, float32, shape (14, 22), of length 1; not to be written to."""
    pattern: Grey = np.load(Path(__file__).with_name("mean_eye.npy"))
    pattern.setflags(write=False)
    return pattern
