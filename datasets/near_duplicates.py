"""Near-duplicates: copies of one picture, found by their difference hash and confirmed by the pictures.

The hash alone is enough for splits, where a false alarm only joins two groups. It is too coarse to throw pictures
away: among 12,632 faces of 35 collections, 179 pairs of photographs lay within `NEAR` bits, and only seven of them
were the same shot of the same person. So a picture is removed only when small copies of both agree as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.manifest import Sample
from catchlight.detector.types import Pixels

NEAR = 3  # bits of the 64-bit difference hash by which two copies of one picture may differ
SIDE = 32  # px of the small copies that are compared
SAME_PICTURE = 0.15  # their difference (see `distance`): copies lay below .15, other people above .3
SAME_FRAME = 0.02  # of two frames of one clip: one frozen picture encoded twice
Small = NDArray[np.float32]


def pairs(hashes: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indices whose difference hashes differ by at most `NEAR` bits; empty hashes match nothing.

    Codes within `NEAR` bits have at least one of ``NEAR + 1`` blocks of bits in common, so only those that share a
    block are compared.

    Example:
        >>> pairs(["00000000000000ff", "00000000000000f8", "", "00000000000000f0"])
        [(0, 1), (1, 3)]
    """
    index = np.array([i for i, text in enumerate(hashes) if text], np.int64)
    codes = np.array([int(hashes[i], 16) for i in index], np.uint64)
    width = 64 // (NEAR + 1)
    found: set[tuple[int, int]] = set()
    for block in range(NEAR + 1):
        keys = (codes >> np.uint64(block * width)) & np.uint64(2**width - 1)
        order = np.argsort(keys, kind="stable")
        for bucket in np.split(order, np.flatnonzero(np.diff(keys[order])) + 1):
            found.update(_close(codes, bucket))
    return sorted((int(index[a]), int(index[b])) for a, b in found)


def _close(codes: NDArray[np.uint64], bucket: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Near pairs among the positions of one bucket."""
    found = []
    for place, one in enumerate(bucket[:-1]):
        others = bucket[place + 1 :]
        near = others[_bits(codes[others] ^ codes[one]) <= NEAR]
        found += [(min(int(one), int(other)), max(int(one), int(other))) for other in near]
    return found


def _bits(codes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Number of ones in each 64-bit code."""
    octets = np.ascontiguousarray(codes).view(np.uint8).reshape(-1, 8)
    return np.asarray(_ONES[octets].sum(axis=1), np.int64)


_ONES = np.array([bin(i).count("1") for i in range(256)], np.uint8)


def small_copy(image: Pixels) -> Small:
    """The luma of an RGB picture at `SIDE` px, with mean 0 and deviation 1: blind to size, exposure, contrast."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(luma, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray((small - small.mean()) / (small.std() + 1), np.float32)


def distance(a: Small, b: Small) -> float:
    """Root mean square difference of two small copies: 0 for one picture, about 1.4 for unrelated ones."""
    return float(np.sqrt(np.square(a - b).mean()))


def repeated(samples: Sequence[Sample], image: Callable[[int], Pixels]) -> dict[int, int]:
    """What to leave out so that no picture is there twice, and what is kept in its place.

    Only samples of one label and method are compared. Frames of one clip differ in little by nature; they are
    duplicates only when they are practically identical.

    Args:
        samples: Samples with their difference hashes.
        image: Gives the picture of an index; asked only where hashes are near.

    Returns:
        Index of each sample to leave out -> index of the better one that is kept and that it copies.
    """
    neighbours: dict[int, set[int]] = {}
    for a, b in pairs([sample.dhash for sample in samples]):
        if _comparable(samples[a], samples[b]):
            neighbours.setdefault(a, set()).add(b)
            neighbours.setdefault(b, set()).add(a)
    copies: dict[int, Small] = {}
    kept: set[int] = set()
    gone: dict[int, int] = {}
    for index in sorted(neighbours, key=lambda i: _rank(samples[i])):
        for other in sorted(neighbours[index] & kept):
            for each in (index, other):
                if each not in copies:
                    copies[each] = small_copy(image(each))
            if distance(copies[index], copies[other]) <= _bound(samples[index], samples[other]):
                gone[index] = other
                break
        else:
            kept.add(index)
    return gone


def _comparable(a: Sample, b: Sample) -> bool:
    return (a.label, a.method) == (b.label, b.method) and (a.medium != b.medium or a.dhash == b.dhash)


def _bound(a: Sample, b: Sample) -> float:
    return SAME_FRAME if a.medium == b.medium else SAME_PICTURE


def _rank(sample: Sample) -> tuple[float, str]:
    """Best first: the larger and sharper face; then by path, so that the choice is always the same."""
    return -sample.face_width * max(sample.sharpness, 0.0) ** 0.5, sample.path
