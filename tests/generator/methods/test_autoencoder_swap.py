import numpy as np
import pytest

from catchlight.detector.errors import BundleError, ConfigError
from catchlight.generator.methods.autoencoder_swap import AutoencoderSwap
from catchlight.generator.testing import check_method
from catchlight.generator.types import Portrait, key


@pytest.fixture(scope="module")
def method():
    return AutoencoderSwap()


def changed(made, portrait):
    return np.abs(made.image.astype(int) - portrait.image)


def test_it_keeps_the_contract():
    check_method("autoencoder_swap")


def test_the_face_changes_and_the_rest_does_not(method, portrait, relit):
    made = method(portrait, relit, key(1, "a"))
    assert 0.05 < (made.mask > 0.5).mean() < 0.6
    assert not changed(made, portrait)[made.mask == 0].any()
    assert changed(made, portrait)[made.mask > 0.5].mean() > 2


def test_an_easy_swap_has_a_harder_seam(portrait, relit):
    easy, hard = (
        np.mean(
            [
                np.abs(np.diff(AutoencoderSwap(hardness=h)(portrait, relit, key(1, k)).mask)).max()
                for k in "abc"
            ]
        )
        for h in (0.0, 1.0)
    )
    assert easy > 2 * hard


def test_mirrored_crops_are_swapped_as_well(method, portrait, relit):
    """Recipes mirror half of all crops; their landmarks keep the order of the original."""
    over = np.array([-1, 1], np.float32), np.array([portrait.image.shape[1] - 1, 0], np.float32)
    mirrored = [
        Portrait(np.ascontiguousarray(p.image[:, ::-1]), p.landmarks * over[0] + over[1])
        for p in (portrait, relit)
    ]
    made = method(*mirrored, key(1, "a"))
    assert 0.05 < (made.mask > 0.5).mean() < 0.6
    plain = changed(method(portrait, relit, key(1, "a")), portrait).mean()
    assert changed(made, mirrored[0]).mean() < 1.5 * plain


def test_what_it_needs_is_said(method, portrait):
    with pytest.raises(ConfigError, match="needs a source"):
        method(portrait, None, key(1, "a"))
    with pytest.raises(BundleError, match="no compiled swap network"):
        AutoencoderSwap("absent.tflite")
