import av
import numpy as np
import pytest
from PIL import Image

from catchlight.datasets import manifest
from catchlight.detector import media
from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator.motion import records
from catchlight.generator.motion.animator import Animator
from catchlight.generator.motion.clip import ReenactOptions, portrait, reenact
from catchlight.generator.swap.scene import EVERY

pytestmark = pytest.mark.train
SIDE = 96


@pytest.fixture(scope="module")
def animator(untrained):
    return Animator(untrained)


@pytest.fixture(scope="module")
def photograph(astronaut, tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "person.png"
    Image.fromarray(astronaut[:300, 80:380]).save(path)
    return path


@pytest.fixture(scope="module")
def driving(astronaut, film, tmp_path_factory):
    """Her drifting to the right, hidden in two frames, at odd times, with a tone."""
    near = astronaut[:280, 60:400]
    frames = [np.ascontiguousarray(np.roll(near, 4 * n, axis=1)[:256, 20:276]) for n in range(8)]
    frames[0] = np.full_like(frames[0], 90)
    times = (0.0, 0.04, 0.08, 0.15, 0.19, 0.27, 0.31, 0.4)
    return film(tmp_path_factory.mktemp("driving") / "clip.mp4", frames, times, sound=True)


@pytest.fixture(scope="module")
def made(photograph, driving, animator, untrained, tmp_path_factory):
    out = tmp_path_factory.mktemp("made") / "out.mp4"
    done = reenact(photograph, driving, out, animator, ReenactOptions(side=SIDE))
    records.record(done, untrained)
    return done


def frames_of(path):
    return [frame.image for frame in media.frames(path, EVERY)]


def test_the_face_moves_as_the_driving_one_does(made, photograph):
    still = portrait(photograph, SIDE).image
    frames = frames_of(made.out)
    assert frames[0].shape == (SIDE, SIDE, 3)
    assert len(frames) == made.frames == 8
    changes = [np.abs(frame.astype(int) - still).mean() for frame in frames]
    nearest = 1 + int(np.argmin(changes[1:]))
    assert max(changes[0], changes[nearest]) < 5
    assert changes[1:nearest] == sorted(changes[1:nearest], reverse=True)
    assert changes[nearest:] == sorted(changes[nearest:])
    assert max(changes) > 10


def test_where_the_driving_person_is_not_seen_the_face_stands_still(made):
    assert made.held == (0,)


def test_times_and_sound_are_kept(made, driving):
    times = [[round(frame.time, 3) for frame in media.frames(path, EVERY)] for path in (driving, made.out)]
    assert times[0] == pytest.approx(times[1], abs=0.002)
    heard = [[bytes(p) for p in av.open(str(path)).demux(audio=0) if p.size] for path in (driving, made.out)]
    assert heard[0]
    assert heard[0] == heard[1]


def test_it_says_that_it_is_synthetic(made):
    with av.open(str(made.out)) as container:
        assert container.metadata["comment"].startswith(
            "synthetic: face set in motion by catchlight (motion)"
        )


def test_absolute_motion_is_another(photograph, driving, animator, made, tmp_path):
    options = ReenactOptions(side=SIDE, kind="absolute")
    other = reenact(photograph, driving, tmp_path / "out.mp4", animator, options)
    assert np.abs(frames_of(other.out)[5].astype(int) - frames_of(made.out)[5]).mean() > 0.5


def test_a_still_drives_a_still(photograph, animator, tmp_path):
    done = reenact(photograph, photograph, tmp_path / "out.png", animator, ReenactOptions(side=SIDE))
    with Image.open(done.out) as image:
        assert image.size == (SIDE, SIDE)
        assert "synthetic" in image.info["Comment"]


def test_what_cannot_be_done_is_said(photograph, driving, animator, media_folder, tmp_path):
    empty = media_folder / "real" / "empty.jpg"
    out = tmp_path / "out.mp4"
    with pytest.raises(DataError, match="empty.jpg shows no face"):
        reenact(empty, driving, out, animator)
    with pytest.raises(DataError, match="empty.jpg shows no face"):
        reenact(photograph, empty, tmp_path / "out.png", animator)
    with pytest.raises(ConfigError, match="side must be even"):
        reenact(photograph, driving, out, animator, ReenactOptions(side=97))
    with pytest.raises(ConfigError, match="one of the inputs"):
        reenact(photograph, driving, driving, animator)
    assert not list(tmp_path.iterdir())


def test_a_row_and_a_report_say_what_was_made_of_what(made):
    (row,) = manifest.read(made.out.parent)
    assert (row.path, row.label, row.method, row.kind, row.donor) == (
        "out.mp4",
        "fake",
        "motion",
        "video",
        "person",
    )
    assert '"kind": "relative"' in row.parameters
    assert '"held": [\n  0\n ]' in made.out.with_suffix(".json").read_text()
