"""Sandboxes that begin early."""

from __future__ import annotations

from pathlib import Path

import pytest

from catchlight.detector.errors import BundleError, Overloaded
from catchlight.serve.http.config import ServerConfig
from catchlight.serve.http.scorers import Scorers


def test_begun_twice_they_start_once_and_read_their_own_folder_only(tmp_path: Path, photo: bytes) -> None:
    scorers = Scorers(ServerConfig(state=str(tmp_path)))
    scorers.begin()
    scorers.begin()
    assert scorers.start() is scorers.start()
    inside, outside = scorers.spool.folder / "a.jpg", tmp_path / "a.jpg"
    for path in (inside, outside):
        path.write_bytes(photo)
    assert scorers.score(inside, name="a.jpg", wait=60).report["media"]["path"] == "a.jpg"
    scorers.close()
    assert not inside.exists()
    with pytest.raises(Overloaded):
        scorers.score(outside, wait=0.1)


def test_a_detector_that_can_not_be_loaded_is_told_to_who_waits(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    scorers = Scorers(ServerConfig(state=str(tmp_path), detector=str(tmp_path / "bundle")))
    with pytest.raises(BundleError, match=r"bundle\.json"):
        scorers.start()
    scorers.close()
