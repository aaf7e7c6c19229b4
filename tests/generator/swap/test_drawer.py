import numpy as np
import pytest

from catchlight.detector.bundle import load
from catchlight.detector.errors import BundleError, ConfigError
from catchlight.generator.swap import frame
from catchlight.generator.swap.drawer import Drawer


@pytest.fixture
def face(astronaut, astronaut_face, drawer):
    return frame.cut(astronaut, astronaut_face.landmarks, drawer.side)


def test_the_shipped_network_draws_a_person_nearly_as_she_is(drawer, face):
    drawn = drawer.draw(face, face)
    assert drawer.one_shot
    assert (drawn.image.shape, drawn.mask.shape) == (face.image.shape, face.image.shape[:2])
    middle = slice(drawer.side // 3, 2 * drawer.side // 3)
    assert np.abs(drawn.image.astype(int) - face.image)[middle, middle].mean() < 20
    assert drawn.mask[middle, middle].mean() > 0.9
    assert drawn.mask[[0, -1]].mean() < 0.1


def test_the_same_faces_give_the_same_pixels(drawer, face):
    assert (drawer.draw(face, face).image == drawer.draw(face, face).image).all()


def test_without_a_source_it_says_what_it_needs(drawer, face):
    with pytest.raises(ConfigError, match="needs a source"):
        drawer.draw(face)


def test_what_is_no_swap_network_is_refused(tmp_path):
    (tmp_path / "a.tflite").write_bytes(b"nonsense" * 50)
    for name in ("a.tflite", "absent.tflite"):
        with pytest.raises(BundleError, match="is no compiled swap network"):
            Drawer(tmp_path / name)
    with pytest.raises(BundleError, match="a swap network takes"):
        Drawer(load("mobilenet").network_file(None))
