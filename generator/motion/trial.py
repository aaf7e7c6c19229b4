"""How well a motion network draws held-out moments: against copying the source, and against a plain warp.

Held-out clips: from the first moment of each, the network has to draw later ones, given their landmarks.
Reconstruction: mean absolute error in grey levels, of the whole square and within the face. Landmarks: found anew in
what was drawn, and compared with those that were wanted, root mean square in shares of the face's height; a picture in
which no face is found counts as the source's, unmoved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from catchlight.detector.errors import DataError
from catchlight.detector.faces import FaceFinder
from catchlight.detector.types import Pixels, Points
from catchlight.generator.motion.lessons import shown
from catchlight.generator.motion.moments import Moments
from catchlight.generator.swap.conditions import face_mask
from catchlight.generator.types import Portrait
from catchlight.generator.warp import warp

EACH = 4  # later moments drawn of each clip
COLUMNS = 10  # of a sheet
LARGE = 256  # px that pictures are brought to before a face is looked for
Draw = Callable[[Portrait, Points], Pixels]


@dataclass(frozen=True, slots=True)
class Errors:
    """Of drawn moments, means.

    Attributes:
        picture: Of all pixels, grey levels.
        face: Of those of the face.
        landmarks: Shares of the face's height.
    """

    picture: float
    face: float
    landmarks: float


@dataclass(frozen=True, slots=True)
class Trial:
    """Held-out moments.

    Attributes:
        pairs: Source and driving face, cut by one square.
        copied: Errors of copying the source.
        warped: Errors of `catchlight.generator.warp`, which needs no network.
    """

    pairs: tuple[tuple[Portrait, Portrait], ...]
    copied: Errors
    warped: Errors

    def measure(self, model: Any) -> dict[str, float]:
        """Errors of a network in training; the score is the share of the copy's errors that it removes."""
        found = errors(self.pairs, drawn(model, self.pairs))
        kept = found.picture / self.copied.picture, found.landmarks / self.copied.landmarks
        return {
            "score": round(1 - sum(kept) / 2, 4),
            "picture": round(found.picture, 3),
            "face": round(found.face, 3),
            "landmarks": round(found.landmarks, 4),
            "picture_copied": round(self.copied.picture, 3),
            "landmarks_copied": round(self.copied.landmarks, 4),
        }

    def sheet(self, model: Any) -> Pixels:
        """Sources, driving moments, and what was drawn: three rows, RGB uint8."""
        chosen = self.pairs[:: max(1, len(self.pairs) // COLUMNS)][:COLUMNS]
        made = drawn(model, chosen)
        rows = [[s.image for s, _ in chosen], [d.image for _, d in chosen], made]
        return np.concatenate([np.hstack(row) for row in rows])


def trial(moments: Moments) -> Trial:
    """A trial on held-out clips.

    Raises:
        DataError: None of them moves.
    """
    pairs = tuple(
        (clip[0], clip[int(i)])
        for clip in moments.clips
        for i in np.unique(np.linspace(1, len(clip) - 1, EACH).round())
        if len(clip) > 1
    )
    if not pairs:
        raise DataError("no held-out clip has two moments to measure by")
    copied = errors(pairs, [source.image for source, _ in pairs])
    warped = errors(pairs, [warp(source, driving.landmarks) for source, driving in pairs])
    if min(copied.picture, copied.landmarks) <= 0:
        raise DataError("nothing moves in the held-out clips, so motion can't be measured; add others")
    return Trial(pairs, copied, warped)


def drawn(model: Any, pairs: Sequence[tuple[Portrait, Portrait]], batch: int = 16) -> list[Pixels]:
    """What a network in training draws: RGB uint8."""
    made: list[Pixels] = []
    for at in range(0, len(pairs), batch):
        out = np.asarray(model(shown(list(pairs[at : at + batch])), training=False))[..., :3]
        made.extend(np.clip(out * 255 + 0.5, 0, 255).astype(np.uint8))
    return made


def errors(pairs: Sequence[tuple[Portrait, Portrait]], made: Sequence[Pixels]) -> Errors:
    """How far drawn moments are from the driving ones."""
    picture, face, points = [], [], []
    with FaceFinder() as finder:
        for (source, driving), image in zip(pairs, made, strict=True):
            off = np.abs(image.astype(np.float32) - driving.image)
            picture.append(float(off.mean()))
            face.append(float(off[face_mask(driving.landmarks, len(image)) > 0].mean()))
            points.append(_apart(_found(finder, image, source.landmarks), driving.landmarks))
    return Errors(*(float(np.mean(values)) for values in (picture, face, points)))


def _found(finder: FaceFinder, image: Pixels, otherwise: Points) -> Points:
    large = cv2.resize(image, (LARGE, LARGE), interpolation=cv2.INTER_CUBIC)
    faces = finder.find(np.asarray(large, np.uint8), most=1)
    return (faces[0].landmarks + 0.5) * (len(image) / LARGE) - 0.5 if faces else otherwise


def _apart(points: Points, wanted: Points) -> float:
    return float(np.sqrt(np.square(points - wanted).sum(axis=1).mean()) / max(np.ptp(wanted[:, 1]), 1e-3))
