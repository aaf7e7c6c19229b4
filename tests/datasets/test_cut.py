"""Media -> wide crops: what is stored, what is measured, and the reasons for nothing."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import cut
from catchlight.datasets.faces import StoreConfig
from catchlight.datasets.layouts.item import Item
from catchlight.datasets.manifest import Sample
from catchlight.detector.faces import FaceFinder

CONFIG = StoreConfig(frames=2)


class Elsewhere:
    """A finder that sees every face far to the left, as happens with faces cut off by the picture's edge."""

    def __init__(self, face):
        self.face = face

    def find(self, image):
        return [replace(self.face, landmarks=self.face.landmarks - np.float32([400, 0]))]


def test_a_face_beyond_the_edge_is_refused(astronaut, astronaut_face):
    item = Item(Path("a.jpg"), encoded(astronaut), "real")
    assert cut.faces_of(item, Elsewhere(astronaut_face), CONFIG) == ([], cut.OUTSIDE)


@pytest.fixture(scope="module")
def finder():
    with FaceFinder() as made:
        yield made


def encoded(image, quality=90):
    return cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def test_a_large_picture_is_cut_around_the_face_and_shrunk(finder, astronaut, tmp_path):
    Image.fromarray(cv2.resize(astronaut, (1536, 1536))).save(tmp_path / "a.png")
    (wide,), reason = cut.faces_of(Item(tmp_path / "a.png", None, "real"), finder, CONFIG)
    assert reason == ""
    assert max(wide.image.shape) == CONFIG.side
    assert wide.landmarks.shape == (478, 2)
    low, high = wide.landmarks[:468].min(axis=0), wide.landmarks[:468].max(axis=0)
    assert (low > 0.15 * CONFIG.side).all()
    assert (high < 0.85 * CONFIG.side).all()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda image: encoded(image[350:]), "no face"),
        (lambda image: encoded(image // 14), "too_dark"),
        (lambda image: encoded(cv2.resize(image, (200, 200))), "face_too_small"),
        (lambda image: b"\xff\xd8 torn", "can't be decoded"),
        (lambda image: b"", "can't be decoded"),
    ],
)
def test_every_picture_that_gives_nothing_has_its_reason(finder, astronaut, make, reason):
    found, told = cut.faces_of(Item(Path("a.jpg"), make(astronaut), "real"), finder, CONFIG)
    assert found == []
    assert reason in told


def test_a_clip_gives_several_frames(finder, media_folder):
    found, _ = cut.faces_of(Item(media_folder / "real" / "walk.mp4", None, "real"), finder, CONFIG)
    assert [wide.index for wide in found] == sorted({wide.index for wide in found})
    assert len(found) == 2


def test_a_small_picture_keeps_its_bytes_unless_its_light_is_changed(finder, astronaut):
    item = Item(Path("a.jpg"), encoded(astronaut[:300, 80:380], 70), "real")
    small = replace(CONFIG, reach=6.0)
    for config, same in ((small, True), (replace(small, normalise_light=True), False)):
        (wide,), _ = cut.faces_of(item, finder, config)
        assert (cut.encode(item, wide, config) == item.data) is same


def test_what_is_measured_is_of_the_stored_file(finder, astronaut):
    item = Item(Path("a.jpg"), encoded(astronaut), "real")
    (wide,), _ = cut.faces_of(item, finder, CONFIG)
    data = cut.encode(item, wide, CONFIG)
    row = cut.measure(Sample("a.jpg", "real"), wide, data)
    again = cut.measure(Sample("a.jpg", "real"), replace(wide, image=cut.decode(data)), data)
    assert (row.sha256, row.pixels) == (again.sha256, again.pixels)
    assert row.face_width == pytest.approx(np.ptp(wide.landmarks[:468], axis=0).min(), abs=0.1)
    assert 50 < row.brightness < 220
    assert row.sharpness > 6
