import numpy as np
import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.motion import lessons as of
from catchlight.generator.motion.keypoints import PARTS
from catchlight.generator.motion.moments import Moments


@pytest.fixture(scope="module")
def lessons(moving, square):
    return of.MotionLessons(Moments((moving,), (square,)), 64)


def test_a_batch_is_what_the_network_takes(lessons):
    (source, maps, places, opening), wanted = lessons.batch(np.random.default_rng(1), 3)
    assert source.shape == (3, 64, 64, 3)
    assert source.max() > 100
    assert (maps.shape, places.shape) == ((3, len(PARTS), 6), (3, len(PARTS), 2))
    assert set(np.unique(opening)) <= {0, 1}
    assert wanted.shape == (3, 64, 64, 4)
    assert wanted[..., :3].max() <= 1


def test_a_batch_follows_its_generator(lessons):
    one, two, other = (lessons.batch(np.random.default_rng(seed), 2) for seed in (1, 1, 2))
    assert np.array_equal(one[1], two[1])
    assert not np.array_equal(one[1], other[1])


def test_the_two_moments_of_a_lesson_differ(lessons):
    (source, *_), wanted = lessons.batch(np.random.default_rng(1), 8)
    apart = np.abs(source - 255 * wanted[..., :3]).mean(axis=(1, 2, 3))
    assert np.median(apart) > 2


def test_a_still_borrows_the_motion_of_a_clip(square, moving):
    still, after = of.borrowed(square, moving[0], moving[4])
    assert still is square
    shift, meant = (
        p.mean(axis=0)
        for p in (after.landmarks - square.landmarks, moving[4].landmarks - moving[0].landmarks)
    )
    assert shift == pytest.approx(meant, abs=0.5)
    assert np.abs(after.image.astype(int) - square.image).mean() > 2


def test_clips_with_two_moments_are_needed(square):
    with pytest.raises(DataError, match="motion is learned from clips"):
        of.MotionLessons(Moments(((square,),), ()), 64)
