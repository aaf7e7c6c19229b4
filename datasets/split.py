"""Splits by person and by source clip, never by frame.

Samples that share an identity, a clip or (nearly) a picture are one group, transitively, and a group lies on
one side. The side follows from a hash of the group's name, the least of its people's names: adding data moves
nobody across but those whom the new data link with others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from catchlight.datasets.manifest import Sample

NEAR = 3  # bits of the 64-bit difference hash by which two copies of one picture may differ


def assign(
    samples: Sequence[Sample], *, validation: float = 0.15, held_out: Collection[str] = ()
) -> tuple[Sample, ...]:
    """Give each sample its split.

    Args:
        samples: Samples in any order.
        validation: Share of groups that go to ``val``, 0 to 1.
        held_out: Forgery methods whose people are seen in validation only. With a method go the groups that it
            touches, fakes of other methods and real people of the same clip included.

    Returns:
        The samples in the same order, with ``split`` set to ``train`` or ``val``.
    """
    groups = group(samples)
    forced = {g for sample, g in zip(samples, groups, strict=True) if sample.method in held_out}
    names = _names(samples, groups)
    sides = {g: "val" if g in forced or _share(names[g]) < validation else "train" for g in set(groups)}
    return tuple(replace(sample, split=sides[g]) for sample, g in zip(samples, groups, strict=True))


def group(samples: Sequence[Sample]) -> list[int]:
    """Number of the connected group of each sample: same person, same clip, or near-duplicate pictures."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first: dict[str, int] = {}
    links = []
    for index, sample in enumerate(samples):
        for key in (f"person {sample.person}", f"clip {sample.clip or sample.path}"):
            links.append((index, first.setdefault(key, index)))
    links += near_duplicates([sample.dhash for sample in samples])
    rows, columns = zip(*links, strict=True) if links else ((), ())
    shape = (len(samples), len(samples))
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=shape)
    return [int(g) for g in connected_components(graph, directed=False)[1]]


def near_duplicates(hashes: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indices whose difference hashes differ by at most `NEAR` bits; empty hashes match nothing."""
    index = [i for i, text in enumerate(hashes) if text]
    codes = np.array([int(hashes[i], 16) for i in index], np.uint64)
    pairs = []
    for i in range(len(codes) - 1):
        close = np.flatnonzero(_bits(codes[i + 1 :] ^ codes[i]) <= NEAR)
        pairs += [(index[i], index[i + 1 + int(j)]) for j in close]
    return pairs


def _bits(codes: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Number of ones in each 64-bit code."""
    octets = codes.view(np.uint8).reshape(-1, 8)
    return np.asarray(_ONES[octets].sum(axis=1), np.int64)


_ONES = np.array([bin(i).count("1") for i in range(256)], np.uint8)


def _names(samples: Sequence[Sample], groups: Sequence[int]) -> dict[int, str]:
    """One stable name for each group: the least of its people's names."""
    names: dict[int, str] = {}
    for sample, g in zip(samples, groups, strict=True):
        names[g] = min(names.get(g, sample.person), sample.person)
    return names


def _share(name: str) -> float:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
