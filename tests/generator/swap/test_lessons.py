import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import DataError
from catchlight.generator.swap.lessons import ManyLessons, OneShotLessons, PairLessons

LOWER_LIP = [14, 17, 84, 87, 88, 91, 95, 178, 181, 314, 317, 318, 321, 324, 402, 405]


@pytest.fixture
def pair(people):
    return PairLessons(people("a", 48, 24), people("b", 48, 24))


def test_a_pair_straightens_bent_faces(pair):
    inputs, wanted = pair.batch(np.random.default_rng(1), 3)
    assert [x.shape for x in inputs] == [(3, 48, 48, 3)] * 2
    assert [y.shape for y in wanted] == [(3, 48, 48, 4)] * 2
    assert inputs[0].max() > 1 >= wanted[0][..., :3].max()
    assert 0.005 < np.abs(inputs[0] / 255 - wanted[0][..., :3]).mean() < 0.2


def test_the_same_key_gives_the_same_batch(pair):
    first, again = (pair.batch(np.random.default_rng([1, 5]), 2) for _ in range(2))
    assert all((a == b).all() for x, y in zip(first, again, strict=True) for a, b in zip(x, y, strict=True))


def test_held_out_faces_are_in_no_batch(pair):
    assert [len(x) for x in pair.held_out()[0]] == [4, 4]
    for seen, kept in zip(pair.seen, pair.kept, strict=True):
        assert len(seen) == 20
        assert not {image.tobytes() for image in seen.images} & {image.tobytes() for image in kept.images}


def test_too_few_faces_and_one_person_are_refused(people):
    with pytest.raises(DataError, match="a has 5 usable faces and a decoder needs 16"):
        PairLessons(people("a", 48, 5), people("b", 48, 20))
    with pytest.raises(DataError, match="two people, but both are 'a'"):
        PairLessons(people("a", 48, 20), people("a", 48, 20))
    with pytest.raises(DataError, match="1 of them in several pictures"):
        OneShotLessons(people("a", 48, 5), people("b", 48, 5))
    with pytest.raises(DataError, match="0 of them in several pictures"):
        OneShotLessons(people("abc", 48, 1), people("d", 48, 2))


def test_people_without_a_common_pose_are_refused(people):
    front, aside = people("a", 48, 20), people("b", 48, 20)
    nose = aside.landmarks[:, lm.NOSE_TIP, 0] + 12  # as of a head turned aside
    aside.landmarks[:, lm.NOSE_TIP, 0] = nose
    with pytest.raises(DataError, match="0% of the pictures of a show the head turned as one of b does"):
        PairLessons(front, aside)


def test_one_shot_lessons_show_one_picture_and_want_another(people):
    lessons = OneShotLessons(people("abc", 48), people("d", 48))
    inputs, wanted = lessons.batch(np.random.default_rng(2), 4)
    assert inputs[0].shape == (4, 48, 48, 8)
    assert wanted[0].shape == (4, 48, 48, 4)
    off = np.abs(inputs[0][..., :3] / 255 - wanted[0][..., :3]).mean(axis=-1)
    assert off[wanted[0][..., 3] >= 1].mean() < 0.2
    assert len(lessons.held_out()[0][0]) == 2


def test_an_encoder_straightens_bent_faces_of_many_people(people):
    lessons = ManyLessons(people("abc", 48), people("d", 48, 3))
    (inputs,), (wanted,) = lessons.batch(np.random.default_rng(2), 5)
    assert (inputs.shape, wanted.shape) == ((5, 48, 48, 3), (5, 48, 48, 4))
    assert 0.005 < np.abs(inputs / 255 - wanted[..., :3]).mean() < 0.2
    assert len(lessons.held_out()[0][0]) == 3
    with pytest.raises(DataError, match="the 4 faces are of one"):
        ManyLessons(people("a", 48), people("d", 48))


@pytest.mark.parametrize("borrow", [True, False])
def test_mouths_that_only_one_shows_are_in_the_others_lessons(borrow, people):
    serious, laughing = people("a", 48, 24), people("b", 48, 24)
    alone = PairLessons(serious, laughing, borrow=False).batch(np.random.default_rng(4), 12)
    laughing.landmarks[::2, LOWER_LIP, 1] += 7
    together = PairLessons(serious, laughing, borrow=borrow).batch(np.random.default_rng(4), 12)
    assert bool((alone[1][0] != together[1][0]).any()) is borrow
