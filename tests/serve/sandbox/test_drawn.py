import os
import sys

import pytest
from PIL import Image

from catchlight.detector.faces import FaceFinder
from catchlight.serve.sandbox import drawn


def test_the_finder_takes_it_for_a_face():
    with FaceFinder() as finder:
        assert len(finder.find(drawn.face())) == 1


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="files in memory are of Linux")
def test_the_file_is_a_picture_and_gone_afterwards():
    with drawn.file() as path, Image.open(path) as image:
        assert image.size == (drawn.SIDE, drawn.SIDE)
    assert not os.path.exists(path)  # noqa: PTH110 (it is a link to nowhere)
