"""Pairs of a real crop and a forgery made from it: the generator's tiers of a training batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catchlight.datasets.batches import Pair, cut_sample, draw_jitter
from catchlight.datasets.faces import Store, read_image
from catchlight.detector import align
from catchlight.detector.errors import DataError
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.types import Method, Portrait

EASY = (0.0, 0.5)  # hardness of easy blends


@dataclass(frozen=True, slots=True)
class Sources:
    """Real pictures to forge, each collection with a weight.

    Attributes:
        store: The store.
        groups: Collection to the indices of its samples.
        weights: Collection to its weight; what is absent weighs the square root of its size.
    """

    store: Store
    groups: Mapping[str, Sequence[int]]
    weights: Mapping[str, float]

    def draw(self, rng: np.random.Generator) -> int:
        """Draw a collection by weight, then one of its samples."""
        names = list(self.groups)
        weights = np.array([self.weights.get(name, len(self.groups[name]) ** 0.5) for name in names])
        chosen = self.groups[names[int(rng.choice(len(names), p=weights / weights.sum()))]]
        return int(chosen[int(rng.integers(len(chosen)))])

    def only(self, kept: Container[int]) -> Sources:
        """Those of the pictures whose index is among ``kept``; collections that have none are left out."""
        groups = {name: [i for i in group if i in kept] for name, group in self.groups.items()}
        return Sources(self.store, {name: group for name, group in groups.items() if group}, self.weights)


def sources(store: Store, split: str, weights: Mapping[str, float] | None = None) -> Sources:
    """All real pictures of one split, by collection.

    Raises:
        DataError: If the split has none.
    """
    groups: dict[str, list[int]] = {}
    for index in store.where(lambda s: s.label == "real" and s.split == split):
        groups.setdefault(store.samples[index].source, []).append(index)
    if not groups:
        raise DataError(f"store {store.folder} has no real picture in split {split!r}")
    return Sources(store, groups, weights or {})


class ForgedPairs(ABC):
    """Pairs of a real picture and a forgery made from it.

    Args:
        reals: The real pictures.
    """

    def __init__(self, reals: Sources) -> None:
        self.reals = reals

    def pair(self, side: int, rng: np.random.Generator) -> Pair:
        """Make one pair, of a picture that is drawn; both members are cut alike, mirrored or not."""
        return self.pair_of(self.reals.draw(rng), side, draw_jitter(rng), rng)

    @abstractmethod
    def serves(self, index: int) -> bool:
        """Whether a pair can be made of this sample of the store."""

    @abstractmethod
    def pair_of(self, index: int, side: int, jitter: align.Jitter | None, rng: np.random.Generator) -> Pair:
        """Make the pair of one picture."""


class MadePairs(ForgedPairs):
    """A real crop, and the same crop after a method that needs no other picture.

    Args:
        reals: The real pictures.
        method: The method.
    """

    def __init__(self, reals: Sources, method: Method) -> None:
        super().__init__(reals)
        self.method = method

    def serves(self, index: int) -> bool:
        """Any face can be forged so."""
        return True

    def pair_of(self, index: int, side: int, jitter: align.Jitter | None, rng: np.random.Generator) -> Pair:
        """The pair of one real picture."""
        target = Portrait(*cut_sample(self.reals.store, index, side, jitter))
        forgery = self._drawn(rng)(target, None, rng)
        # Some methods alter the surroundings too; the real partner is altered with them.
        return Pair(forgery.partner(target), forgery.image, forgery.mask)

    def _drawn(self, rng: np.random.Generator) -> Method:
        """The method for one pair."""
        return self.method


class BlendPairs(MadePairs):
    """A real crop and its self-blend.

    Args:
        reals: The real pictures.
        kind: A mask kind, or None to draw one.
        easy: Share of blends of which the dial of hardness is turned to `EASY`, for a network that has seen few.
    """

    def __init__(self, reals: Sources, kind: str | None = None, easy: float = 0.0) -> None:
        super().__init__(reals, SelfBlend(kind))
        self.kind, self.easy = kind, easy

    def _drawn(self, rng: np.random.Generator) -> Method:
        if self.easy and rng.random() < self.easy:
            return SelfBlend(self.kind, float(rng.uniform(*EASY)))
        return self.method


class ReconstructionPairs(ForgedPairs):
    """A real crop and the same crop after a decoder, whole or blended into the face as a swap does.

    Args:
        reals: The real pictures; those without a reconstruction are left out.
        folder: Where `reconstructions.make` wrote them: ``folder/KIND/PATH.png``.
        kinds: The kinds of autoencoder to use.
        blended: Whether the reconstruction is blended into the real crop, or shown whole.

    Raises:
        DataError: If no real picture has a reconstruction by one of the kinds.
    """

    def __init__(self, reals: Sources, folder: Path, kinds: Sequence[str], blended: bool) -> None:
        self.blended, self.method = blended, SelfBlend()
        self.files: dict[int, list[Path]] = {}
        for index in (i for group in reals.groups.values() for i in group):
            path = Path(reals.store.samples[index].path).with_suffix(".png")
            there = [folder / kind / path for kind in kinds if (folder / kind / path).is_file()]
            if there:
                self.files[index] = there
        super().__init__(reals.only(self.files))
        if not self.files:
            raise DataError(
                f"{folder} holds no reconstruction of these pictures by any of {', '.join(kinds)}"
            )

    def serves(self, index: int) -> bool:
        """Whether the picture has a reconstruction."""
        return index in self.files

    def pair_of(self, index: int, side: int, jitter: align.Jitter | None, rng: np.random.Generator) -> Pair:
        """The pair of one real picture, both members cut alike."""
        crop, landmarks = cut_sample(self.reals.store, index, side, jitter)
        files = self.files[index]
        made = read_image(files[int(rng.integers(len(files)))])
        decoded, _ = align.cut(made, self.reals.store.landmarks[index], side, jitter)
        if self.blended:
            forgery = self.method(Portrait(crop, landmarks), Portrait(decoded, landmarks), rng)
            return Pair(crop, forgery.image, forgery.mask)
        return Pair(crop, decoded, np.ones((side, side), np.float32))
