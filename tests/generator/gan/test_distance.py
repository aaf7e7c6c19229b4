import numpy as np
import pytest
from sklearn.metrics.pairwise import polynomial_kernel

from catchlight.detector.errors import DataError
from catchlight.generator.gan.distance import copies, kid

RNG = np.random.default_rng(1)
REAL, MORE = (RNG.standard_normal((60, 16)).astype(np.float32) for _ in range(2))


def by_scikit_learn(x, y):
    """The unbiased distance once more, on another library's kernel."""
    xx, yy, xy = (
        polynomial_kernel(a, b, degree=3, gamma=1 / 16, coef0=1) for a, b in ((x, x), (y, y), (x, y))
    )
    m, n = len(x), len(y)
    return (
        (xx.sum() - np.trace(xx)) / (m * (m - 1)) + (yy.sum() - np.trace(yy)) / (n * (n - 1)) - 2 * xy.mean()
    )


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_the_kernel_distance_is_that_of_scikit_learn(shift):
    assert kid(MORE[:40] + shift, REAL) == pytest.approx(
        by_scikit_learn(MORE[:40] + shift, REAL), rel=1e-4, abs=1e-6
    )


def test_it_is_about_0_for_one_kind_and_grows_with_the_difference():
    found = [kid(MORE + shift, REAL) for shift in (0.0, 0.5, 1.0)]
    assert abs(found[0]) < 0.1 < found[1] < found[2]


def test_two_pictures_of_each_kind_are_needed():
    with pytest.raises(DataError, match="received 1 and 60"):
        kid(REAL[:1], REAL)


def test_copies_are_found_and_shown_first():
    made = RNG.standard_normal((20, 16)).astype(np.float32)
    made[[3, 11]] = REAL[[7, 50]] + 1e-3
    found = copies(made[None], REAL, MORE[None])
    assert found.share == pytest.approx(0.1)
    assert dict(zip(found.order[:2], found.nearest[:2], strict=True)) == {3: 7, 11: 50}


def test_strangers_are_no_copies():
    found = copies(RNG.standard_normal((60, 16)).astype(np.float32)[None], REAL, MORE[None])
    assert found.share <= 0.05
    assert found.auc == pytest.approx(0.5, abs=0.12)


def test_a_generator_that_repeats_lies_nearer():
    near = REAL[:30] + 0.1 * RNG.standard_normal((30, 16)).astype(np.float32)
    found = copies(near[None], REAL, MORE[None])
    assert (found.share, found.auc) == (1.0, 0.0)


def test_mirrored_copies_are_found_by_their_mirrored_view():
    plain = RNG.standard_normal((5, 16)).astype(np.float32)
    views = np.stack([plain, REAL[:5]])
    assert copies(views, REAL, np.stack([MORE, MORE])).share == 1.0


def test_something_to_compare_is_needed():
    with pytest.raises(DataError, match="are needed"):
        copies(REAL[None], REAL[:0], MORE[None])
