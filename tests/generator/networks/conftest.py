"""What the tests of networks share: lessons of two drawn people."""

from __future__ import annotations

import pytest

from catchlight.generator.swap import frame
from catchlight.generator.swap.faces import Faces, stack
from catchlight.generator.swap.lessons import PairLessons
from catchlight.generator.testing import sample_portrait


@pytest.fixture(scope="session")
def lessons() -> PairLessons:
    """Of two people at 32 px."""
    return PairLessons(drawn("a"), drawn("b"))


def drawn(name: str) -> Faces:
    """Twenty pictures of one drawn person."""
    faces = [sample_portrait(64, ord(name) + 100 * number) for number in range(20)]
    return stack([frame.cut(face.image, face.landmarks, 32) for face in faces], name * 20)
