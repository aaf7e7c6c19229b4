"""Splits by person and by source clip, never by frame.

Samples that share a person, a clip or (nearly) a picture, and both members of a pair, are one group, transitively,
and a group lies on one side. The side follows from a hash of the group's name, the least of its people's names:
adding data moves nobody across but those whom the new data link with others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from catchlight.datasets import near_duplicates
from catchlight.datasets.manifest import Sample


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
    """Number of the connected group of each sample: same person, same clip, one pair, or near-duplicate pictures.

    The donor of a face belongs to the sample as the person does who shows it.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    first: dict[str, int] = {}
    links = []
    for index, sample in enumerate(samples):
        links += [(index, first.setdefault(key, index)) for key in keys(sample)]
    links += near_duplicates.pairs([sample.dhash for sample in samples])
    rows, columns = zip(*links, strict=True) if links else ((), ())
    shape = (len(samples), len(samples))
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=shape)
    return [int(g) for g in connected_components(graph, directed=False)[1]]


def keys(sample: Sample) -> tuple[str, ...]:
    """What ties a sample to others: its people, its clip, and the picture that it is or is paired with.

    Example:
        >>> keys(Sample("f.jpg", "fake", identity="ann", donor="bob", parameters='{"real": "r.jpg"}'))
        ('person ann', 'person bob', 'picture f.jpg', 'picture r.jpg')
    """
    people = [f"person {name}" for name in (sample.identity, sample.donor) if name]
    clips = [f"clip {sample.clip}"] if sample.clip else []
    return (*people, *clips, *(f"picture {path}" for path in (sample.path, sample.partner) if path))


def _names(samples: Sequence[Sample], groups: Sequence[int]) -> dict[int, str]:
    """One stable name for each group: the least of its people's names."""
    names: dict[int, str] = {}
    for sample, g in zip(samples, groups, strict=True):
        name = sample.identity or sample.path
        names[g] = min(names.get(g, name), name)
    return names


def _share(name: str) -> float:
    return int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
