import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import manifest
from catchlight.detector.errors import ConfigError
from catchlight.generator.gan import faces
from catchlight.generator.gan.maker import FaceMaker
from catchlight.generator.swap.provenance import WHOLLY

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def maker(untrained_gan):
    return FaceMaker(untrained_gan)


@pytest.fixture(scope="module")
def out(maker, untrained_gan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    faces.write(maker, untrained_gan, folder, 3, seed=4)
    return folder


def test_each_face_says_what_it_is_and_has_a_row(out, maker):
    rows = manifest.read(out)
    assert [row.path for row in rows] == ["face-4-0000.png", "face-4-0001.png", "face-4-0002.png"]
    assert {(row.label, row.method, row.source, row.identity, row.donor) for row in rows} == {
        ("fake", "gan_face", "catchlight", "", "")
    }
    with Image.open(out / rows[1].path) as image:
        assert "face of nobody drawn by catchlight (gan_face)" in image.info["Comment"]
        assert f'DigitalSourceType="{WHOLLY}"' in image.info["XML:com.adobe.xmp"]
        assert np.array_equal(np.asarray(image), maker.faces(2, seed=4)[1])


def test_other_rows_stay_and_the_same_faces_are_written_once(out, maker, untrained_gan):
    faces.write(maker, untrained_gan, out, 1, seed=5)
    faces.write(maker, untrained_gan, out, 1, seed=5)
    assert [row.seed for row in manifest.read(out)] == ["4/0", "4/1", "4/2", "5/0"]


def test_faces_can_be_enlarged(maker, untrained_gan, tmp_path):
    (path,) = faces.write(maker, untrained_gan, tmp_path, 1, side=64)
    with Image.open(path) as image:
        assert image.size == (64, 64)
    with pytest.raises(ConfigError, match="side must be 32, as drawn, to 1024, received 16"):
        faces.write(maker, untrained_gan, tmp_path, 1, side=16)
