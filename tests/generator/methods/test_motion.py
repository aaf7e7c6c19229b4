import numpy as np
import pytest

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.generator.methods.motion import Motion
from catchlight.generator.testing import check_method
from catchlight.generator.types import Portrait, key
from catchlight.generator.warp import moved, transformed

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def method(untrained_motion):
    return Motion(str(untrained_motion), hardness=1.0)


@pytest.fixture(scope="module")
def aside(portrait):
    """The same face turned by 6 degrees and a little higher."""
    by = np.array([[0.995, -0.105, 12.0], [0.105, 0.995, -12.0]])
    return Portrait(transformed(portrait.image, by), moved(portrait.landmarks, by))


def test_it_keeps_the_contract(untrained_motion):
    for hardness in (None, 0.0, 1.0):
        check_method(Motion(str(untrained_motion), hardness))


def test_the_source_comes_to_lie_where_the_target_is(method, portrait, aside):
    inside = np.s_[40:120, 40:120]
    made = method(portrait, aside, key(1, "a")).image
    near, far = (np.abs(made[inside].astype(int) - p.image[inside]).mean() for p in (portrait, aside))
    assert near < 0.5 * far


def test_the_mask_covers_what_changed_and_nothing_else(method, portrait, aside):
    made = method(portrait, aside, key(1, "a"))
    change = np.abs(made.image.astype(int) - portrait.image)
    assert made.mask.mean() > 0.5
    assert not change[made.mask == 0].any()


def test_an_easy_one_trembles(untrained_motion, portrait, aside):
    easy, hard = (
        Motion(str(untrained_motion), hardness=h)(portrait, aside, key(1, "a")).image.astype(int)
        for h in (0.0, 1.0)
    )
    off = [np.abs(made - portrait.image)[40:120, 40:120].mean() for made in (easy, hard)]
    assert off[0] > off[1]


def test_what_it_needs_is_said(method, portrait):
    with pytest.raises(ConfigError, match="needs a source"):
        method(portrait, None, key(1, "a"))
    with pytest.raises(BundleError, match="no compiled motion network"):
        Motion("absent.tflite")


def test_pictures_need_not_be_square(method, portrait, aside):
    """Recipes cut squares, but what judges a network looks at pictures as they are stored."""
    narrow = Portrait(np.ascontiguousarray(portrait.image[:, :-12]), portrait.landmarks)
    made = method(narrow, aside, key(1, "a"))
    assert made.image.shape == narrow.image.shape
    assert made.mask.shape == narrow.image.shape[:2]
    assert made.mask.max() == pytest.approx(1)
