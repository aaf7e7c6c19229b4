"""The contract of a detector, ours or a stranger's, to be run from any test framework or none.

    from catchlight.detector.testing import check_detector
    check_detector("mine:create")            # raises ContractError that names the broken rule

The rules: one finite probability from 0 to 1 per crop; none for none; the same crops give the same scores;
crops are left as they were; crops of any side are taken; and, unless the detector says ``temporal = True``,
a crop's score depends on that crop alone. The crops are made here (noise, flats, ramps), so no photograph
is needed, and a detector need not find a face in them: it must answer sanely all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from catchlight.detector import landmarks as lm
from catchlight.detector import registry
from catchlight.detector.errors import ContractError
from catchlight.detector.registry import Detector, Explains
from catchlight.detector.types import Crop, Face, Pixels, Points, Quality, Scores

TOLERANCE = 1e-6  # for the same crop in another place of the sequence


def check_detector(detector: str | Detector | Callable[[], Detector]) -> None:
    """Check a detector against the public contract.

    Args:
        detector: A name for `catchlight.detector.registry.create`, a factory, or the detector itself.

    Raises:
        ContractError: A rule is broken; the message says which, and what was received.

    Example:
        >>> import numpy as np
        >>> class Half:
        ...     def score(self, crops):
        ...         return np.full(len(crops), 0.5)
        >>> check_detector(Half)
    """
    subject = _made(detector)
    crops = sample_crops()
    _check_scores(subject, crops)
    _scores(subject, ())
    _check_untouched(subject, crops)
    _check_deterministic(subject, crops)
    _check_sides(subject)
    if not getattr(subject, "temporal", False):
        _check_each_alone(subject, crops)
    if isinstance(subject, Explains):
        _check_heatmaps(subject, crops)


def sample_crops(side: int = 224, seed: int = 0) -> tuple[Crop, ...]:
    """Crops of one invented track: noise, flats, ramps and a drawn face, with plausible landmarks.

    Args:
        side: Side of the crops in pixels.
        seed: Of the noise.

    Returns:
        Eight crops, a second apart.
    """
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 255, side, dtype=np.uint8)
    images = [
        rng.integers(0, 256, (side, side, 3), np.uint8),
        rng.integers(96, 160, (side, side, 3), np.uint8),
        *(np.full((side, side, 3), level, np.uint8) for level in (0, 128, 255)),
        np.repeat(np.broadcast_to(ramp, (side, side))[:, :, np.newaxis], 3, axis=2),
        np.repeat(np.broadcast_to(ramp[:, np.newaxis], (side, side))[:, :, np.newaxis], 3, axis=2),
        _drawn_face(side),
    ]
    return tuple(_crop(np.ascontiguousarray(image), index) for index, image in enumerate(images))


def _made(detector: str | Detector | Callable[[], Detector]) -> Detector:
    if isinstance(detector, str):
        return registry.create(detector)
    if isinstance(detector, type) or not callable(getattr(detector, "score", None)):
        if not callable(detector):
            raise ContractError(
                f"a detector must have a method score(crops); {type(detector).__name__} has none."
            )
        return _made(detector())
    return detector  # type: ignore[return-value]  # it has a score method; what that gives is checked below


def _check_scores(detector: Detector, crops: Sequence[Crop]) -> None:
    scores = _scores(detector, crops)
    if not np.all(np.isfinite(scores)):
        raise ContractError(f"scores must be finite; received {scores.tolist()}.")
    if scores.min() < 0 or scores.max() > 1:
        raise ContractError(f"scores must be probabilities of fake, from 0 to 1; received {scores.tolist()}.")


def _check_untouched(detector: Detector, crops: Sequence[Crop]) -> None:
    before = [(crop.image.copy(), crop.landmarks.copy()) for crop in crops]
    detector.score(crops)
    for crop, (image, landmarks) in zip(crops, before, strict=True):
        if not (np.array_equal(crop.image, image) and np.array_equal(crop.landmarks, landmarks)):
            raise ContractError(
                "score(crops) must leave the crops as they were; work on a copy of their arrays."
            )


def _check_deterministic(detector: Detector, crops: Sequence[Crop]) -> None:
    first, second = _scores(detector, crops), _scores(detector, crops)
    if not np.array_equal(first, second):
        raise ContractError(
            f"the same crops must give the same scores; received {first.tolist()}, then {second.tolist()}. "
            "Is dropout on, or a random number drawn without a seed?"
        )


def _check_sides(detector: Detector) -> None:
    for side in (64, 300):
        _check_scores(detector, sample_crops(side))


def _check_each_alone(detector: Detector, crops: Sequence[Crop]) -> None:
    together = _scores(detector, crops)
    reverse = _scores(detector, crops[::-1])[::-1]
    alone = np.concatenate([_scores(detector, [crop]) for crop in crops])
    for what, scores in (("in reverse order", reverse), ("one by one", alone)):
        if not np.allclose(together, scores, rtol=0, atol=TOLERANCE):
            raise ContractError(
                f"a crop's score must depend on that crop alone; {what} the scores were {scores.tolist()} instead "
                f"of {together.tolist()}. If the detector looks across time, give it `temporal = True`."
            )


def _check_heatmaps(detector: Explains, crops: Sequence[Crop]) -> None:
    _, heatmaps = detector.explain(crops)
    if heatmaps is None:
        return
    if heatmaps.ndim != 3 or len(heatmaps) != len(crops):
        raise ContractError(
            f"heatmaps must have shape ({len(crops)}, height, width); received {heatmaps.shape}."
        )
    if not np.all((heatmaps >= 0) & (heatmaps <= 1)):
        raise ContractError("heatmaps must be finite, from 0 to 1.")


def _scores(detector: Detector, crops: Sequence[Crop]) -> Scores:
    scores: object = detector.score(crops)
    if not isinstance(scores, np.ndarray) or scores.shape != (len(crops),):
        received = f"shape {scores.shape}" if isinstance(scores, np.ndarray) else f"a {type(scores).__name__}"
        raise ContractError(
            f"score(crops) must return an array of shape ({len(crops)},); received {received}."
        )
    if not np.issubdtype(scores.dtype, np.floating):
        raise ContractError(f"scores must be floating point numbers; received {scores.dtype}.")
    return scores.astype(np.float64)


def _crop(image: Pixels, index: int) -> Crop:
    landmarks = _oval(image.shape[0])
    face = Face(lm.bounds(landmarks), landmarks, confidence=0.9)
    quality = Quality(face.box.width, sharpness=100.0, brightness=128.0, turn=0.0, score=0.8)
    return Crop(image, landmarks, face, index, float(index), quality)


def _oval(side: int) -> Points:
    """Points in a spiral that fills the oval where a face lies in a crop."""
    step = np.arange(lm.COUNT)
    radius, angle = np.sqrt((step + 0.5) / lm.COUNT), step * 2.39996  # the golden angle spreads them evenly
    points: NDArray[np.float64] = np.stack(
        [0.25 * radius * np.cos(angle), 0.33 * radius * np.sin(angle)], axis=1
    )
    return ((points + 0.5) * side).astype(np.float32)


def _drawn_face(side: int) -> Pixels:
    down, across = np.mgrid[0:side, 0:side] / side - 0.5
    image = np.full((side, side, 3), (90, 110, 130), np.uint8)
    image[(across / 0.25) ** 2 + (down / 0.33) ** 2 < 1] = (205, 160, 135)
    for x, y in ((-0.1, -0.06), (0.1, -0.06), (0.0, 0.17)):
        image[((across - x) / 0.05) ** 2 + ((down - y) / 0.025) ** 2 < 1] = (60, 40, 45)
    return image
