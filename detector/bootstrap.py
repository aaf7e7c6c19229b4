"""Resampling of people: whole groups are drawn with replacement, never single frames or clips.

Frames of a clip, and clips of a person, resemble one another; an interval that counts them as independent
comes out several times too narrow. Groups are drawn separately among those that are real, fake, or both, so
that no resample lacks a class.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catchlight.detector.errors import DataError

Labels = NDArray[np.bool_]
Index = NDArray[np.intp]
Counts = NDArray[np.int64]

CHUNK = 2_000_000  # counts held at once: 16 MB an array


def group_index(groups: Sequence[Any] | None, n: int) -> Index:
    """Number the groups from 0 in order of name.

    Args:
        groups: The group of each sample; each sample its own when None.
        n: Number of samples.

    Returns:
        The number of each sample's group, shape (n,).

    Raises:
        DataError: Not one group a sample.

    Example:
        >>> group_index(["bob", "ann", "bob"], 3).tolist()
        [1, 0, 1]
    """
    if groups is None:
        return np.arange(n)
    if len(groups) != n:
        raise DataError(f"expected one group for each of the {n} samples, received {len(groups)}.")
    return np.unique([str(group) for group in groups], return_inverse=True)[1]


def groups_of_each_class(labels: Labels, index: Index) -> tuple[int, int]:
    """How many groups have a real and how many have a fake sample."""
    return len(np.unique(index[~labels])), len(np.unique(index[labels]))


def draw_counts(labels: Labels, index: Index, resamples: int, seed: int) -> Iterator[Counts]:
    """How often each sample occurs in each resample.

    Args:
        labels: True is fake, shape (n,).
        index: The group of each sample, numbered from 0, shape (n,).
        resamples: How many resamples in all.
        seed: The same seed draws the same.

    Yields:
        Counts of shape (some, n), in chunks of bounded memory, ``resamples`` rows in all.
    """
    rng = np.random.default_rng(seed)
    groups = int(index.max()) + 1
    kind = np.zeros(groups, np.int64)  # 1 real, 2 fake, 3 both
    np.bitwise_or.at(kind, index, np.where(labels, 2, 1))
    strata = [np.flatnonzero(kind == value) for value in (1, 2, 3) if (kind == value).any()]
    rows = max(1, CHUNK // len(index))
    for start in range(0, resamples, rows):
        some = min(rows, resamples - start)
        counts = np.empty((some, groups), np.int64)
        for members in strata:
            counts[:, members] = _draw(rng, some, len(members))
        yield counts[:, index]


def _draw(rng: np.random.Generator, rows: int, members: int) -> Counts:
    drawn = rng.integers(members, size=(rows, members)) + np.arange(rows)[:, None] * members
    return np.bincount(drawn.ravel(), minlength=rows * members).reshape(rows, members)
