from pathlib import Path

import numpy as np
import pytest

from catchlight.detector.errors import BundleError
from catchlight.generator.methods.gan_face import GanFace
from catchlight.generator.testing import check_method
from catchlight.generator.types import Portrait, key

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def network(untrained_gan):
    return str(untrained_gan)


@pytest.fixture(scope="module")
def method(network):
    return GanFace(network)


def changed(made, portrait):
    return np.abs(made.image.astype(int) - portrait.image)


def test_it_keeps_the_contract(network):
    for hardness in (None, 0.0, 1.0):
        check_method(GanFace(network, hardness))


def test_the_face_changes_and_the_rest_does_not(method, portrait):
    made = method(portrait, None, key(1, "a"))
    assert 0.05 < (made.mask > 0.5).mean() < 0.6
    assert not changed(made, portrait)[made.mask == 0].any()
    assert changed(made, portrait)[made.mask > 0.5].mean() > 4


def test_a_source_changes_nothing(method, portrait, relit):
    one, other = (method(portrait, source, key(1, "a")) for source in (None, relit))
    assert np.array_equal(one.image, other.image)


def test_another_key_is_another_face(method, portrait):
    one, other = (method(portrait, None, key(1, name)) for name in "ab")
    assert np.abs(one.image.astype(int) - other.image).max() > 5


def test_mirrored_crops_are_filled_as_well(method, portrait):
    """Recipes mirror half of all crops; their landmarks keep the order of the original."""
    over = np.array([-1, 1], np.float32), np.array([portrait.image.shape[1] - 1, 0], np.float32)
    mirrored = Portrait(np.ascontiguousarray(portrait.image[:, ::-1]), portrait.landmarks * over[0] + over[1])
    made = method(mirrored, None, key(1, "a"))
    assert 0.05 < (made.mask > 0.5).mean() < 0.6
    assert changed(made, mirrored).mean() < 2 * changed(method(portrait, None, key(1, "a")), portrait).mean()


def test_a_missing_network_or_pool_is_named(network, tmp_path):
    with pytest.raises(BundleError, match="no compiled generator"):
        GanFace("absent.tflite")
    alone = tmp_path / "gan.tflite"
    alone.write_bytes(Path(network).read_bytes())
    with pytest.raises(BundleError, match="no faces of a generator can be read"):
        GanFace(str(alone))
