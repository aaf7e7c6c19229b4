"""Resamples keep groups whole and both classes present."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.bootstrap import draw_counts, group_index, groups_of_each_class
from catchlight.detector.errors import DataError

LABELS = np.array([0, 0, 0, 1, 1, 1, 0, 1], bool)
PEOPLE = ["ann", "ann", "bob", "cy", "cy", "dan", "eve", "eve"]


def test_groups_are_numbered_in_order_of_name() -> None:
    assert group_index(PEOPLE, 8).tolist() == [0, 0, 1, 2, 2, 3, 4, 4]
    assert group_index(None, 3).tolist() == [0, 1, 2]


def test_a_missing_group_is_refused() -> None:
    with pytest.raises(DataError, match="each of the 8 samples, received 7"):
        group_index(PEOPLE[1:], 8)


def test_groups_of_each_class_count_people_in_both() -> None:
    assert groups_of_each_class(LABELS, group_index(PEOPLE, 8)) == (3, 3)


def test_resamples_draw_whole_groups_and_keep_both_classes() -> None:
    index = group_index(PEOPLE, 8)
    counts = np.concatenate(list(draw_counts(LABELS, index, 300, seed=1)))

    assert counts.shape == (300, 8)
    assert (counts[:, 0] == counts[:, 1]).all()
    assert (counts[:, 3] == counts[:, 4]).all()
    assert (counts[:, [0, 2]].sum(axis=1) == 2).all()  # two groups that are only real
    assert (counts[:, [3, 5]].sum(axis=1) == 2).all()  # two that are only fake
    assert (counts[:, 6:] == 1).all()  # one that is both
    assert abs(counts[:, 0].mean() - 1) < 0.15


def test_the_seed_decides_and_chunks_do_not_lose_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    index = group_index(PEOPLE, 8)
    first, again, other = (np.concatenate(list(draw_counts(LABELS, index, 50, seed))) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()

    monkeypatch.setattr("catchlight.detector.bootstrap.CHUNK", 100)
    chunks = list(draw_counts(LABELS, index, 50, seed=1))
    assert len(chunks) == 5
    assert sum(map(len, chunks)) == 50
