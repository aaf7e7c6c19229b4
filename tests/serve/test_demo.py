"""The demonstration's media are what they claim: a photograph, a forgery of it, a clip of it."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector import media
from catchlight.detector.errors import DataError
from catchlight.detector.faces import FaceFinder
from catchlight.generator.methods.gan_face import GanFace
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.serve import demo


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return demo.make(tmp_path_factory.mktemp("demo") / "media")


def test_every_frame_shows_one_face(made):
    with FaceFinder() as finder:
        for path in made:
            for frame in media.frames(path, media.Sampling("even", 3)):
                assert len(finder.find(frame.image)) == 1, path


def test_clip_is_four_seconds_of_video(made):
    assert media.probe(made[3]).kind == "video"
    assert media.probe(made[3]).duration == pytest.approx(demo.SECONDS, abs=0.1)


@pytest.mark.parametrize("method", [SelfBlend("whole"), GanFace()])
def test_forgery_changes_the_face_alone_and_follows_from_the_seed(astronaut, method):
    forged = demo.forge(astronaut, method, 3)
    changed = np.abs(forged.astype(int) - astronaut).max(axis=2) > 0
    assert np.array_equal(forged, demo.forge(astronaut, method, 3))
    assert changed[60:180, 170:280].mean() > 0.2
    assert not changed[300:].any()


def test_without_a_face_there_is_nothing_to_forge():
    with pytest.raises(DataError, match="no face"):
        demo.forge(np.zeros((64, 64, 3), np.uint8), SelfBlend(), 1)
