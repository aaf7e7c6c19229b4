"""Store -> batches: each real picture and its fake together, both through one and the same history.

A batch holds fixed numbers of pairs of each tier (a tier is a source of pairs with a share). What is in a batch
follows from (seed, epoch, step, slot) alone, so that a resumed run sees what the uninterrupted one would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.datasets import degrade
from catchlight.datasets.faces import Store
from catchlight.detector import align
from catchlight.detector.errors import ConfigError, DataError
from catchlight.detector.types import Pixels, Points

HEATMAP_STRIDE = 16  # pixels of the crop per cell of the mask that the network learns to predict
CLOSE_UP = (
    0.62,
    0.95,
)  # factor on the crop of a pair that is seen from nearer, at the picture's own resolution
NEARER, CLOSE_UPS = 0.35, 0.3  # share of all pairs that are, and of known pairs once more
ERASED = 0.5  # share of known pairs with a patch erased
Inputs = NDArray[np.uint8]
Targets = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Pair:
    """A real crop and a fake one, RGB uint8 (side, side, 3), and where the fake was altered, float32 0 to 1.

    Where ``forged`` is False the second is real as well, and was only handled otherwise.
    """

    real: Pixels
    fake: Pixels
    mask: NDArray[np.float32]
    forged: bool = True


class PairSource(Protocol):
    """Makes pairs; all randomness comes from ``rng``."""

    def pair(self, side: int, rng: np.random.Generator) -> Pair:
        """Make one pair of crops of ``side`` pixels."""
        ...


@dataclass(frozen=True, slots=True)
class Tier:
    """A source of pairs and how many of a batch's pairs come from it."""

    name: str
    pairs: int
    source: PairSource


def draw_jitter(rng: np.random.Generator) -> align.Jitter:
    """Draw the small disturbance of the crop that training adds and scoring does not have."""
    dx, dy = rng.uniform(-0.04, 0.04, 2)
    angle, flip = float(rng.normal(0, 0.04)), bool(rng.random() < 0.5)
    scale = rng.uniform(*CLOSE_UP) if rng.random() < NEARER else 1.0
    return align.Jitter((float(dx), float(dy)), float(scale * rng.uniform(0.88, 1.12)), angle, flip)


def cut_sample(store: Store, index: int, side: int, jitter: align.Jitter | None) -> tuple[Pixels, Points]:
    """The network's crop of one stored sample, and its landmarks."""
    return align.cut(store.image(index), store.landmarks[index], side, jitter)


class KnownPairs:
    """Fakes of tools that others ran, each with a real picture: of the same clip where there is one.

    Methods take turns, however many pictures each has; so do the collections of real people.

    Args:
        store: The store.
        fakes: Indices of fakes.
        reals: Indices of the real pictures to pair them with; of the same kind (photographs or video frames),
            or the codec would tell them apart.
        weights: Collection of real pictures to its weight; what is absent weighs the square root of its size.

    Raises:
        DataError: If either is empty.
    """

    def __init__(
        self,
        store: Store,
        fakes: Sequence[int],
        reals: Sequence[int],
        weights: Mapping[str, float] | None = None,
    ) -> None:
        if not fakes or not reals:
            raise DataError(f"pairs need fakes and reals; received {len(fakes)} and {len(reals)}")
        self.store, self.weights = store, weights or {}
        self.fakes = _by(store, fakes, "method")
        self.reals = _by(store, reals, "source")
        self.same_clip = _by(store, [i for i in reals if store.samples[i].clip], "identity")

    def pair(self, side: int, rng: np.random.Generator) -> Pair:
        """One fake and its real counterpart, each with its own small jitter; the whole fake counts as altered.

        There are few people a tool, and a network learns them by heart: their rooms, their hair (AUC .99 on the people
        that it trained with, .66 on others). So half of the pairs are seen from nearer, and half with a patch erased
        (DeVries & Taylor, "Improved Regularization of CNNs with Cutout", 2017), both members alike.
        """
        fake = _draw(self.fakes, rng)
        kin = self.same_clip.get(self.store.samples[fake].identity)
        real = int(rng.choice(kin)) if kin else _draw(self.reals, rng, self.weights)
        zoom = float(rng.uniform(*CLOSE_UP)) if rng.random() < CLOSE_UPS else 1.0
        crops = [
            cut_sample(self.store, index, side, _closer(draw_jitter(rng), zoom))[0] for index in (real, fake)
        ]
        if rng.random() < ERASED:
            crops = _erased(crops, rng)
        return Pair(crops[0], crops[1], np.ones((side, side), np.float32))


def _closer(jitter: align.Jitter, zoom: float) -> align.Jitter:
    return replace(jitter, scale=jitter.scale * zoom)


def _erased(crops: Sequence[Pixels], rng: np.random.Generator) -> list[Pixels]:
    """The crops with one and the same rectangle, a quarter to a half of the side, made grey."""
    side = crops[0].shape[0]
    height, width = (int(side * rng.uniform(0.25, 0.5)) for _ in range(2))
    top, left = (int(rng.integers(side - length)) for length in (height, width))
    result = [crop.copy() for crop in crops]
    for crop in result:
        crop[top : top + height, left : left + width] = 128
    return result


def _by(store: Store, indices: Sequence[int], column: str) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for index in indices:
        groups.setdefault(getattr(store.samples[index], column), []).append(index)
    return groups


def _draw(
    groups: dict[str, list[int]], rng: np.random.Generator, known: Mapping[str, float] = MappingProxyType({})
) -> int:
    """Draw a group by the square root of its size, then one of it: large ones weigh more, but do not rule."""
    names = list(groups)
    weights = np.array([known.get(name, len(groups[name]) ** 0.5) for name in names])
    return int(rng.choice(groups[names[int(rng.choice(len(names), p=weights / weights.sum()))]]))


def batch(
    tiers: Sequence[Tier],
    side: int,
    seed: str,
    histories: float = 1.0,
    websites: float = 0.0,
    grain: float = 0.0,
) -> tuple[Inputs, Targets]:
    """Make one batch: for each pair first the real crop, then the fake one (or the handled one).

    Args:
        tiers: Where pairs come from.
        side: Side of the crops in pixels, a multiple of `HEATMAP_STRIDE`.
        seed: All randomness follows from this text.
        histories: Factor on the probability of each drawn degradation, 0 (none) to 1.
        websites: Probability that a website shows a pair at the end, before that factor.
        grain: Probability that a camera in the dark adds noise before everything else, before that factor.

    Returns:
        Crops, uint8 (2 n, side, side, 3), and targets: ``score`` float32 (2 n, 1), 1 for fake, and ``heatmap``
        float32 (2 n, side / 16, side / 16, 1).
    """
    if side % HEATMAP_STRIDE:
        raise ConfigError(f"side must be a multiple of {HEATMAP_STRIDE}, received {side}")
    images, masks, forged = [], [], []
    slots = [tier for tier in tiers for _ in range(tier.pairs)]
    for slot, tier in enumerate(slots):
        rng = keyed(f"{seed}/{slot}")
        pair = tier.source.pair(side, rng)
        history = degrade.draw(rng, histories, apps=True, websites=websites, grain=grain)
        images += [degrade.apply(pair.real, history), degrade.apply(pair.fake, history)]
        masks += [np.zeros_like(pair.mask), pair.mask]
        forged += [False, pair.forged]
    scores = np.array(forged, np.float32)[:, None]
    cells = side // HEATMAP_STRIDE
    small = [cv2.resize(mask, (cells, cells), interpolation=cv2.INTER_AREA) for mask in masks]
    heatmap = np.clip(np.stack(small), 0, 1).astype(np.float32)[..., None]
    return np.stack(images), {"score": scores, "heatmap": heatmap}


def keyed(text: str) -> np.random.Generator:
    """The random generator that a text names: the same numbers on every machine and in any order."""
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "little")))


def training_batches(
    tiers: Sequence[Tier],
    side: int,
    steps: int,
    seed: int,
    histories: float = 1.0,
    websites: float = 0.0,
    grain: float = 0.0,
    workers: int = 1,
    teacher: Callable[[Inputs], NDArray[np.float64]] | None = None,
) -> Any:
    """Batches for `keras.Model.fit`, on any Keras backend.

    Args:
        tiers: Where pairs come from.
        side: Side of the crops.
        steps: Steps an epoch.
        seed: Seed of the run.
        histories: As for `batch`.
        websites: As for `batch`.
        grain: As for `batch`.
        workers: Threads that make batches; OpenCV and NumPy release the interpreter lock.
        teacher: Another detector, from crops to probabilities, shape (2 n,), which then are the labels: a network
            learns what that one says of a picture instead of what the picture is.

    Returns:
        A `keras.utils.PyDataset`. Its attribute ``epoch`` says where it is and may be set to resume; ``targets``
        names the outputs that the network has, for Keras takes no target without one.
    """
    import keras

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]
        epoch = 0
        targets: Sequence[str] = ("score", "heatmap")

        def __len__(self) -> int:
            return steps

        def __getitem__(self, step: int) -> tuple[Inputs, Targets]:
            images, targets = batch(tiers, side, f"{seed}/{self.epoch}/{step}", histories, websites, grain)
            if teacher is not None:
                targets["score"] = teacher(images).astype(np.float32)[:, None]
            return images, {name: targets[name] for name in self.targets}

        def on_epoch_end(self) -> None:
            self.epoch += 1

    return Batches(workers=workers, use_multiprocessing=False, max_queue_size=8)
