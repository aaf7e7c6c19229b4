"""What a swap network practises on: batches drawn from faces, and held-out ones that never change.

A pair practises on its own faces, bent at random, which it has to straighten (the trick of all swap autoencoders since
2017: a decoder that straightens can't copy). A one-shot network practises on two pictures of one person: from one, bent
onto the other's landmarks and in other light, it has to draw the other.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import DataError
from catchlight.detector.types import Pixels
from catchlight.generator.swap import frame
from catchlight.generator.swap.alter import altered, bent, shaken
from catchlight.generator.swap.borrowed import Borrowed
from catchlight.generator.swap.conditions import conditions, fitting, importance
from catchlight.generator.swap.faces import Faces
from catchlight.generator.types import Portrait

NEAR = 0.2  # of turns of two heads, as `frame.turn`, that count as one pose
COMMON = 0.1  # share of each person's pictures whose pose the other shows too, at the least
LEAST = 16  # pictures of a person from which a decoder can be learned at all
HELD = 128  # pictures that an encoder for many people is measured on
TWO = 0.65  # share of one-shot lessons from two pictures; the others alter one, and teach to keep fine detail
CHOICE = 3  # pictures of a person of which the one with the nearest turn of the head becomes the source
Floats = NDArray[np.float32]
Batch = tuple[list[Floats], list[Floats]]  # what goes into the network, and what should come out of it


class Lessons(Protocol):
    """Where a training run has its batches from."""

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Inputs, 0 to 255, and wanted outputs: RGB 0 to 1 and `conditions.importance` in a fourth channel."""
        ...

    def held_out(self) -> Batch:
        """What the run is measured on; always the same, of faces that no batch holds."""
        ...


class PairLessons:
    """Of two people, each with their own decoder.

    Args:
        a: Faces of the first person.
        b: Faces of the second.
        share: Held out of each.
        seed: Of the draw of these.
        borrow: Whether mouths that only one of them shows are put onto the other's pictures, too.

    Raises:
        DataError: There are too few faces, both are one person, or they have no pose in common.
    """

    def __init__(self, a: Faces, b: Faces, share: float = 0.1, seed: int = 1, borrow: bool = True) -> None:
        if set(a.people) == set(b.people):
            raise DataError(f"a swap needs two people, but both are {a.people[0]!r}")
        for faces in (a, b):
            if len(faces) < LEAST:
                raise DataError(
                    f"{faces.people[0]} has {len(faces)} usable faces and a decoder needs {LEAST} at least, some "
                    "hundred to be good; add photographs or a longer clip, or use the one-shot network"
                )
        _expect_common_poses(a, b)
        parts = [_parted(faces, share, seed) for faces in (a, b)]
        self.seen, self.kept = [p[0] for p in parts], [p[1] for p in parts]
        ways = (self.seen, self.seen[::-1]) if borrow else ()
        self.borrowed = [Borrowed(own, other) for own, other in ways]

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """``size`` faces of each person, mirrored and bent at random; some have a mouth of the other's."""
        drawn = [[bent(self._draw(person, rng), rng) for _ in range(size)] for person in range(2)]
        return [_inputs([x for x, _ in d]) for d in drawn], [_wanted([y for _, y in d]) for d in drawn]

    def held_out(self) -> Batch:
        """Faces of each person as they are."""
        faces = [[f.portrait(i) for i in range(len(f))] for f in self.kept]
        return [_inputs([p.image for p in f]) for f in faces], [_wanted(f) for f in faces]

    def _draw(self, person: int, rng: np.random.Generator) -> Portrait:
        if self.borrowed and rng.random() < self.borrowed[person].share:
            return self.borrowed[person].draw(rng)
        faces = self.seen[person]
        return faces.portrait(int(rng.integers(len(faces))))


class ManyLessons:
    """Of many people with one decoder: what an encoder learns on that pairs start with.

    Args:
        faces: To practise on.
        kept: Other people, to measure on.
        seed: Of the draw of these, `HELD` at most.

    Raises:
        DataError: There are not two people.
    """

    def __init__(self, faces: Faces, kept: Faces, seed: int = 1) -> None:
        if len(faces.groups()) < 2:
            raise DataError(
                f"an encoder for many people learns from two at least, some thousand to be good; the {len(faces)} "
                "faces are of one"
            )
        self.faces = faces
        chosen = np.random.default_rng(seed).permutation(len(kept))[:HELD]
        self.kept = kept.of([int(i) for i in chosen])

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """``size`` faces, mirrored and bent at random."""
        drawn = [bent(self.faces.portrait(int(i)), rng) for i in rng.integers(len(self.faces), size=size)]
        return [_inputs([x for x, _ in drawn])], [_wanted([y for _, y in drawn])]

    def held_out(self) -> Batch:
        """Faces of other people as they are."""
        faces = [self.kept.portrait(i) for i in range(len(self.kept))]
        return [_inputs([p.image for p in faces])], [_wanted(faces)]


class OneShotLessons:
    """Of many people, of whom some have several pictures.

    Args:
        faces: To practise on.
        kept: Other people, to measure on.
        seed: Of the held-out lessons.

    Raises:
        DataError: There are not two people, or nobody has two pictures.
    """

    def __init__(self, faces: Faces, kept: Faces, seed: int = 1) -> None:
        self.faces, self.kept = faces, kept
        self.known = _several(faces)
        self.turns = [frame.turn(points) for points in faces.landmarks]
        if len(faces.groups()) < 2 or not self.known:
            raise DataError(
                f"{len(faces)} faces of {len(faces.groups())} people, {len(self.known)} of them in several pictures; "
                "a one-shot network learns from pictures of the same person: expected two people at least, and one "
                "with two pictures"
            )
        rng = np.random.default_rng(seed)
        groups = _several(kept) or _several(faces)
        held = kept if _several(kept) else faces
        pairs = [rng.choice(group, 2, replace=False) for group in groups for _ in range(2)]
        targets = [held.portrait(int(t)) for _, t in pairs]
        self._held = [
            (fitting(held.portrait(int(s)), t), t) for (s, _), t in zip(pairs, targets, strict=True)
        ]

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """``size`` lessons: a picture of a person, and what to draw from it."""
        pairs = [self._draw(rng) for _ in range(size)]
        return [np.stack([conditions(s, t) for s, t in pairs]).astype(np.float32)], [
            _wanted([t for _, t in pairs])
        ]

    def held_out(self) -> Batch:
        """Two pictures each of people that no batch holds (of people that it holds, where there are no others)."""
        shown = np.stack([conditions(s, t) for s, t in self._held]).astype(np.float32)
        return [shown], [_wanted([t for _, t in self._held])]

    def _draw(self, rng: np.random.Generator) -> tuple[Portrait, Portrait]:
        if rng.random() < TWO:
            group = self.known[int(rng.integers(len(self.known)))]
            second, *others = (int(i) for i in rng.choice(group, min(len(group), 1 + CHOICE), replace=False))
            first = min(others, key=lambda i: self._apart(i, second))
        else:
            first = second = int(rng.integers(len(self.faces)))
        target = self.faces.portrait(second)
        source = fitting(self.faces.portrait(first), target)
        if rng.random() < 0.5:
            source, target = frame.turned_over(source), frame.turned_over(target)
        source = altered(source, rng)
        return (shaken(source, rng) if first == second else source), target

    def _apart(self, a: int, b: int) -> float:
        return abs(abs(self.turns[a]) - abs(self.turns[b]))


def _expect_common_poses(a: Faces, b: Faces) -> None:
    """Of a head as one person is never seen, the other's decoder has learned nothing."""
    turns = [np.abs([frame.turn(points) for points in faces.landmarks]) for faces in (a, b)]
    off = np.abs(turns[0][:, None] - turns[1])
    for axis, (one, other) in enumerate(((a, b), (b, a))):
        shared = float((off.min(axis=1 - axis) < NEAR).mean())
        if shared < COMMON:
            raise DataError(
                f"{shared:.0%} of the pictures of {one.people[0]} show the head turned as one of {other.people[0]} "
                f"does, and {COMMON:.0%} must; add pictures of {other.people[0]} from the same sides"
            )


def _several(faces: Faces) -> list[list[int]]:
    return [group for group in faces.groups().values() if len(group) > 1]


def _parted(faces: Faces, share: float, seed: int) -> tuple[Faces, Faces]:
    """Most faces, and one stretch of them held out: neighbouring frames of a clip are nearly one picture."""
    count = max(4, round(share * len(faces)))
    start = int(np.random.default_rng(seed).integers(len(faces) - count + 1))
    kept = range(start, start + count)
    return faces.of([i for i in range(len(faces)) if i not in kept]), faces.of(kept)


def _inputs(images: list[Pixels]) -> Floats:
    return np.stack(images).astype(np.float32)


def _wanted(faces: list[Portrait]) -> Floats:
    return np.stack(
        [
            np.dstack([f.image.astype(np.float32) / 255, importance(f.landmarks, f.image.shape[0])])
            for f in faces
        ]
    )
