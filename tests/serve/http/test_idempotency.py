"""The same request again gets the same answer, and another one under the same key is told."""

from __future__ import annotations

import pytest

from catchlight.detector.errors import JobConflict
from catchlight.serve.http.idempotency import Memory


def keep(memory: Memory, owner: str, key: str, question: str, body: bytes = b"answer") -> None:
    memory.keep(owner, key, question, body, "application/json")


def test_keys_belong_to_their_owners() -> None:
    memory = Memory(8)
    keep(memory, "ann", "k", "q")
    assert memory.find("bob", "k", "q") is None
    kept = memory.find("ann", "k", "q")
    assert kept
    assert (kept.body, kept.content_type) == (b"answer", "application/json")


def test_another_question_under_the_same_key_is_a_conflict() -> None:
    memory = Memory(8)
    keep(memory, "ann", "k", "q")
    with pytest.raises(JobConflict, match="another file"):
        memory.find("ann", "k", "other")


def test_the_oldest_answers_go_first() -> None:
    memory = Memory(2)
    for number in range(3):
        keep(memory, "ann", f"k{number}", "q")
    assert memory.find("ann", "k0", "q") is None
    assert memory.find("ann", "k1", "q")
    assert memory.find("ann", "k2", "q")


def test_a_question_is_worked_on_once_at_a_time() -> None:
    memory = Memory(2)
    with memory.once("ann", "k", "q"):
        with pytest.raises(JobConflict, match="still"), memory.once("ann", "k", "q"):
            pass
        with pytest.raises(JobConflict, match="another file"), memory.once("ann", "k", "other"):
            pass
        with memory.once("bob", "k", "q"):
            pass
    with memory.once("ann", "k", "q"):
        pass


def test_nothing_is_kept_where_nothing_may_be() -> None:
    memory = Memory(0)
    keep(memory, "ann", "k", "q")
    assert memory.find("ann", "k", "q") is None
