import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.swap import identity


def test_people_whom_it_never_met_are_told_apart(people):
    likeness = identity.fit(people("abcdefgh", 64, 6))
    assert likeness.auc(people("pqrs", 64, 5)) > 0.9


def test_a_face_is_nearer_to_itself_than_to_another(people):
    likeness, faces = identity.fit(people("abcd", 64, 6)), people("xy", 64, 2)
    x, y = ([faces.images[i]] for i in (0, 2))
    assert likeness.nearer(x, x, y) == 1
    assert likeness.nearer(y, x, y) == 0


def test_it_says_when_it_can_not_learn_or_measure(people):
    with pytest.raises(DataError, match="two people with two pictures each"):
        identity.fit(people("a", 64, 6))
    likeness = identity.fit(people("ab", 64, 6))
    with pytest.raises(DataError, match="takes two people"):
        likeness.auc(people("a", 64, 3))
