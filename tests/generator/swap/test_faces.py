import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.swap.faces import gather


def test_faces_of_a_store_keep_their_people(drawn):
    faces = gather(drawn, 48, split="train", min_width=0)
    assert faces.images.shape[1:] == (48, 48, 3)
    assert faces.side == 48
    assert len(faces.groups()) == 6
    some = faces.of([1, 3])
    assert some.people == (faces.people[1], faces.people[3])
    assert (some.portrait(1).image == faces.images[3]).all()


def test_what_the_store_does_not_hold_is_named(drawn):
    with pytest.raises(DataError, match="its collections of real faces"):
        gather(drawn, 48, ("nowhere",))
    with pytest.raises(DataError, match="at least 500 px wide"):
        gather(drawn, 48, min_width=500)
