"""Fixtures shared by all tests: public-domain faces, generated media, and the optional development data."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data, found by CATCHLIGHT_DATA or beside the repository; tests skip without it."""
    folder = Path(os.environ.get("CATCHLIGHT_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("development data is absent; set CATCHLIGHT_DATA to its folder to run this test")
    return folder


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """Eileen Collins, NASA, public domain: RGB uint8 of shape (512, 512, 3) with one face."""
    from skimage.data import astronaut

    return np.asarray(astronaut(), np.uint8)
