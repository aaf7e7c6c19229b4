"""Pairs whose forgery needs a second picture: a donor's face, or another moment of the same clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.batches import Pair, cut_sample
from catchlight.datasets.faces import Store
from catchlight.detector import align
from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError
from catchlight.generator.pairs import ForgedPairs, Sources
from catchlight.generator.types import Forgery, Method, Portrait

WITHIN_CLIP = ("reenact", "local_edit", "motion")  # methods meant for another moment of the same clip
CANDIDATES = 60  # donors looked at for each face; the one with the nearest landmarks is taken
SAME_COLLECTION = 0.5  # share of donors from the face's own collection
UPRIGHT = 64  # side in pixels of the frame in which landmarks are compared


class SwapPairs(ForgedPairs):
    """A real crop, and the same crop with the face of another person.

    The donor is the nearest of some by landmarks, as in Li et al., "Face X-ray", CVPR 2020.

    Args:
        reals: The real pictures, targets and donors.
        method: A method that needs a source.

    Raises:
        DataError: If there are not two people.
    """

    def __init__(self, reals: Sources, method: Method) -> None:
        super().__init__(reals)
        self.method = method
        everyone = [i for group in reals.groups.values() for i in group]
        people = {reals.store.samples[i].person for i in everyone}
        if len(people) < 2:
            raise DataError(f"swaps need at least two people, received {len(people)}")
        self.shapes = {i: _shape(reals.store, i) for i in everyone}

    def serves(self, index: int) -> bool:
        """Whether the picture is one of those that swaps are made of."""
        return index in self.shapes

    def pair_of(self, index: int, side: int, jitter: align.Jitter | None, rng: np.random.Generator) -> Pair:
        """The pair of one real picture; the donor is cut like its target, mirrored where the target is."""
        store = self.reals.store
        donor = self.donor(index, rng)
        target, source = (Portrait(*cut_sample(store, i, side, jitter)) for i in (index, donor))
        return _pair(self.method(target, source, rng), target)

    def donor(self, index: int, rng: np.random.Generator) -> int:
        """Draw the sample whose face fits one: another person, the nearest of `CANDIDATES` by landmarks."""
        samples = self.reals.store.samples
        own = self.reals.groups[samples[index].source] if rng.random() < SAME_COLLECTION else ()
        drawn = [self._candidate(own, rng) for _ in range(CANDIDATES)]
        others = [i for i in drawn if self._differ(i, index)]
        while not others:  # one person rules the collection
            others = [i for i in [self.reals.draw(rng)] if self._differ(i, index)]
        shape = self.shapes[index]
        return min(others, key=lambda i: float(np.square(self.shapes[i] - shape).sum()))

    def _candidate(self, own: Sequence[int], rng: np.random.Generator) -> int:
        return int(own[int(rng.integers(len(own)))]) if own else self.reals.draw(rng)

    def _differ(self, a: int, b: int) -> bool:
        samples = self.reals.store.samples
        return samples[a].person != samples[b].person


class ClipPairs(ForgedPairs):
    """A frame of a clip, and the same frame made from another one of the clip.

    Args:
        reals: The real pictures; only those of clips with two frames or more are used.
        method: A method that needs a source.

    Raises:
        DataError: If there is no such clip.
    """

    def __init__(self, reals: Sources, method: Method) -> None:
        self.method = method
        samples = reals.store.samples
        clips: dict[str, list[int]] = {}
        for index in (i for group in reals.groups.values() for i in group if samples[i].clip):
            clips.setdefault(samples[index].clip, []).append(index)
        self.clips = {name: frames for name, frames in clips.items() if len(frames) > 1}
        super().__init__(reals.only({i for frames in self.clips.values() for i in frames}))
        if not self.clips:
            raise DataError("no clip of real people with two frames or more; make the store from clips too")

    def serves(self, index: int) -> bool:
        """Whether the picture is a frame of a clip that has others."""
        return self.reals.store.samples[index].clip in self.clips

    def pair_of(self, index: int, side: int, jitter: align.Jitter | None, rng: np.random.Generator) -> Pair:
        """The pair of one frame, made from another one of its clip."""
        indices = (index, self.donor(index, rng))
        target, source = (Portrait(*cut_sample(self.reals.store, i, side, jitter)) for i in indices)
        return _pair(self.method(target, source, rng), target)

    def donor(self, index: int, rng: np.random.Generator) -> int:
        """Draw another frame of a frame's clip."""
        other = index
        while other == index:
            other = int(rng.choice(self.clips[self.reals.store.samples[index].clip]))
        return other


def _pair(forgery: Forgery, target: Portrait) -> Pair:
    return Pair(forgery.partner(target), forgery.image, forgery.mask)


def _shape(store: Store, index: int) -> NDArray[np.float32]:
    """The oval and features of a face in the upright frame of a crop."""
    matrix = align.matrix(store.landmarks[index], UPRIGHT)
    names = (*lm.FACE_OVAL, *lm.LIPS, *lm.NOSE)
    return np.asarray(store.landmarks[index][list(names)] @ matrix[:, :2].T + matrix[:, 2], np.float32)
