"""Stores and photographs that several tests of data sets read."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets.faces import StoreConfig, make_store


@pytest.fixture(scope="session")
def made(media_folder, tmp_path_factory):
    """The store of all media, what was rejected, and the progress that was told; only to be read."""
    seen = []
    config = StoreConfig(frames=2, keep_duplicates=True)  # all media show one photograph
    store, rejected = make_store(
        [media_folder], tmp_path_factory.mktemp("made"), config, lambda *at: seen.append(at)
    )
    return store, rejected, seen


@pytest.fixture
def photographs(tmp_path, astronaut):
    """One photograph, a smaller and worse copy of it, and it mirrored, in folders named after people."""
    folder = tmp_path / "photographs"
    copy = cv2.resize(astronaut, (400, 400), interpolation=cv2.INTER_AREA)
    for name, image, quality in (
        ("ann/a", astronaut, 95),
        ("bob/b", copy, 80),
        ("m", astronaut[:, ::-1], 95),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.ascontiguousarray(image)).save(folder / f"{name}.jpg", quality=quality)
    return folder
