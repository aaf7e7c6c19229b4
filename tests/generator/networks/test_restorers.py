"""Restoration networks: what is drawn again fits, and what is missing or altered says what to do.

The networks themselves are large and come from PyPI; here ncnn runs a small one that enlarges. Where the real ones are
installed, they are tried too.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec

import cv2
import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.networks import restorers
from catchlight.generator.networks.restorers import RESTORERS, Restorer, Source

pytestmark = pytest.mark.train
ENLARGE = """7767517
2 2
Input  data   0 1 data
Interp output 1 1 data output 0=2 1={scale}.0 2={scale}.0
"""


@pytest.fixture(params=[2, 4])
def enlarger(request, tmp_path, monkeypatch):
    """A package with a network that enlarges, installed and listed."""
    package = tmp_path / f"enlarge{request.param}"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "net.param").write_text(ENLARGE.format(scale=request.param))
    (package / "net.bin").touch()
    digest = hashlib.sha256((package / "net.param").read_bytes()).hexdigest()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(
        RESTORERS, "enlarge", Source(package.name, "net", digest, request.param, (1.5, 3.0), True)
    )
    return package


@pytest.mark.parametrize("shape", [(97, 160), (64, 64), (201, 33)])
def test_a_picture_is_drawn_again_in_its_place(enlarger, shape, astronaut):
    picture = cv2.resize(astronaut, shape[::-1], interpolation=cv2.INTER_AREA)
    drawn = Restorer("enlarge").restore(picture, shrink=2.0)
    assert drawn.shape == picture.shape
    assert drawn.dtype == np.uint8
    # As a picture that was made half as large and enlarged: soft, and nowhere shifted.
    soft = cv2.GaussianBlur(picture, (0, 0), 1.0).astype(int)
    assert np.abs(drawn - soft).mean() < 6
    shifted = np.abs(np.roll(drawn, 2, axis=1) - soft).mean()
    assert np.abs(drawn - soft).mean() < 0.7 * shifted


def test_the_same_picture_gives_the_same_bytes(enlarger, astronaut):
    picture = np.ascontiguousarray(astronaut[:128, :128])
    restorer = Restorer("enlarge")
    drawn = [restorer.restore(picture, 2.0) for _ in range(3)]
    assert all(np.array_equal(drawn[0], again) for again in drawn)


def test_ratios_are_drawn_from_the_whole_range(enlarger):
    restorer, rng = Restorer("enlarge"), np.random.default_rng(1)
    drawn = [restorer.draw(rng) for _ in range(200)]
    assert 1.5 <= min(drawn) < 1.6
    assert 2.8 < max(drawn) <= 3.0


def test_unknown_absent_and_altered_networks_are_refused(enlarger, monkeypatch):
    with pytest.raises(UnknownName, match="did you mean 'esrgan'"):
        Restorer("esrgann")
    (enlarger / "net.param").write_text("other")
    with pytest.raises(ConfigError, match="absent or altered; run `pip install"):
        Restorer("enlarge")
    monkeypatch.setitem(
        RESTORERS, "gone", Source("package_that_is_not_there", "net", "", 2, (1.5, 3.0), True)
    )
    with pytest.raises(ConfigError, match="package_that_is_not_there is not installed; run `pip install"):
        Restorer("gone")


@pytest.mark.parametrize("kind", list(RESTORERS))
def test_the_published_networks_draw_faces(kind, astronaut):
    if find_spec(RESTORERS[kind].package) is None:
        pytest.skip(f"{RESTORERS[kind].package} is not installed; {restorers.INSTALL}")
    picture = np.ascontiguousarray(astronaut[20:180, 140:300])
    drawn = Restorer(kind).restore(picture, RESTORERS[kind].shrink[0])
    assert 0.5 < np.abs(drawn.astype(int) - picture).mean() < 12
