"""How well a detector sees swaps: each against the very picture that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.faces import Store
from catchlight.detector import align, metrics
from catchlight.detector.errors import DataError
from catchlight.detector.landmarks import bounds
from catchlight.detector.quality import measure
from catchlight.detector.registry import Detector
from catchlight.detector.types import Crop, Face, Pixels, Points
from catchlight.generator.donors import SwapPairs
from catchlight.generator.pairs import sources
from catchlight.generator.swap import frame
from catchlight.generator.swap.drawer import Drawer
from catchlight.generator.swap.paste import paste
from catchlight.generator.types import Method, Portrait, key

SIDE = 224  # of the crops for a detector that names no other, pixels


@dataclass(frozen=True, slots=True)
class Seen:
    """What a detector made of swaps and their originals.

    Attributes:
        auc: Of telling one from the other, 0.5 is chance.
        sooner: Share of swaps that scored higher than their own original.
        where: Share of the detector's heatmap that lies in the swapped part, over the share that this part has of the
            picture: 1 is chance. None for a detector without heatmaps.
        swaps: Their number.
    """

    auc: float
    sooner: float
    where: float | None
    swaps: int


def seen_by(detector: Detector, store: Store, method: Method, count: int = 100, seed: int = 1) -> Seen:
    """Let a detector judge swaps, or forgeries of any method, of held-out people.

    Args:
        detector: The detector.
        store: Real faces, of whose ``val`` split swaps are made.
        method: What makes them; every strength is drawn, as in recipes.
        count: Number of swaps.
        seed: Of what is drawn.

    Raises:
        DataError: The store has no two held-out people.
    """
    pairs = SwapPairs(sources(store, "val"), method)
    real, fake, masks, points = [], [], [], []
    for number in range(count):
        rng = key(seed, f"feedback/{number}")
        index = pairs.reals.draw(rng)
        target, donor = (
            Portrait(store.image(i), store.landmarks[i]) for i in (index, pairs.donor(index, rng))
        )
        forgery = method(target, donor, rng)
        real.append(forgery.partner(target))
        fake.append(forgery.image)
        masks.append(forgery.mask)
        points.append(target.landmarks)
    return judge(detector, real, fake, masks, points)


def pair_seen_by(detector: Detector, drawer: Drawer, faces: Sequence[Portrait]) -> Seen:
    """Let a detector judge what a pair's network makes of pictures of its other person.

    Args:
        detector: The detector.
        drawer: The network.
        faces: The pictures, with their landmarks; of any size.

    Raises:
        DataError: There are none.
    """
    forgeries = []
    for face in faces:
        by = frame.matrix(face.landmarks, drawer.side)
        shown = frame.cut_by(face.image, face.landmarks, by, drawer.side)
        forgeries.append(paste(face.image, drawer.draw(shown), shown, by))
    real, fake = [face.image for face in faces], [forgery.image for forgery in forgeries]
    return judge(detector, real, fake, [f.mask for f in forgeries], [face.landmarks for face in faces])


def judge(
    detector: Detector,
    real: Sequence[Pixels],
    fake: Sequence[Pixels],
    masks: Sequence[NDArray[np.float32]],
    landmarks: Sequence[Points],
) -> Seen:
    """Score pictures and what was made of them.

    Args:
        detector: The detector.
        real: RGB uint8 pictures of any size.
        fake: Of the same sizes.
        masks: Where they differ, float32 (height, width).
        landmarks: Of the face in each, float32 (478, 2).

    Raises:
        DataError: There are none.
    """
    if not real:
        raise DataError("no swap to judge; expected one at least")
    side = int(getattr(detector, "side", SIDE))
    crops = [[_crop(p, points, side) for p, points in zip(ps, landmarks, strict=True)] for ps in (real, fake)]
    scores = [np.concatenate([detector.score([crop]) for crop in of_kind]) for of_kind in crops]
    auc = metrics.auc(np.concatenate(scores), np.repeat([0, 1], len(real)))
    return Seen(
        round(auc, 4),
        round(float(np.mean(scores[1] > scores[0])), 4),
        _where(detector, crops[1], masks, landmarks),
        len(real),
    )


def _crop(image: Pixels, landmarks: Points, side: int) -> Crop:
    cut, moved = align.cut(image, landmarks, side)
    face = Face(bounds(landmarks[:468]), landmarks, 1.0)
    return Crop(cut, moved, face, 0, 0.0, measure(cut, moved, face))


def _where(
    detector: Detector,
    crops: Sequence[Crop],
    masks: Sequence[NDArray[np.float32]],
    landmarks: Sequence[Points],
) -> float | None:
    import cv2

    heatmaps_of = getattr(detector, "heatmaps", None)
    gains = []
    for crop, mask, points in zip(crops, masks, landmarks, strict=True):
        found = heatmaps_of([crop]) if heatmaps_of else None
        if found is None:
            return None
        heat, side = found[0], crop.image.shape[0]
        part = cv2.warpAffine(mask, align.matrix(points, side), (side, side))
        small = cv2.resize(part, heat.shape[::-1], interpolation=cv2.INTER_AREA)
        gains.append(float((heat * small).sum() / max(heat.sum(), 1e-6) / max(small.mean(), 1e-6)))
    return round(float(np.mean(gains)), 3)
