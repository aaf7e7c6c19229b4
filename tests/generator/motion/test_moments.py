import cv2
import numpy as np
import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.motion import moments

TIMES = [0.1 * number for number in range(6)]


@pytest.fixture(scope="module")
def clips(astronaut, film, tmp_path_factory):
    """Clips of her drifting, one of nobody, one that is broken; names on both sides of the split."""
    folder = tmp_path_factory.mktemp("clips")
    near = np.ascontiguousarray(astronaut[20:276, 80:400])
    names = {
        held: next(f"c{i}.mp4" for i in range(99) if moments.is_held_out(f"c{i}.mp4") == held)
        for held in (0, 1)
    }
    for name in names.values():
        film(folder / name, [np.roll(near, 4 * n, axis=1)[:256, :256] for n in range(6)], TIMES)
    blank = next(f"b{i}.mp4" for i in range(99) if not moments.is_held_out(f"b{i}.mp4"))
    film(folder / blank, [np.full((256, 256, 3), 90, np.uint8)] * 6, TIMES)
    broken = next(f"x{i}.mp4" for i in range(99) if not moments.is_held_out(f"x{i}.mp4"))
    (folder / broken).write_bytes(b"no clip")
    return folder


def test_moments_of_a_clip_share_one_square(clips):
    found = moments.from_clips(clips, 64, 6, held_out=False)
    assert len(found.clips) == 1
    assert len(found.dropped) == 2
    (clip,) = found.clips
    assert {face.image.shape for face in clip} == {(64, 64, 3)}
    middles = [face.landmarks.mean(axis=0)[0] for face in clip]
    assert middles[-1] - middles[0] > 3


def test_the_held_out_clips_are_others(clips):
    one, other = (moments.from_clips(clips, 64, 4, held) for held in (False, True))
    assert len(other.clips) == 1
    assert not other.dropped
    assert one.clips[0][0].image.shape == other.clips[0][0].image.shape


def test_about_a_fifth_is_held_out_by_name():
    assert 0.12 < np.mean([moments.is_held_out(f"clip{i}.mp4") for i in range(300)]) < 0.28


def test_a_folder_without_a_usable_clip_is_named(tmp_path):
    with pytest.raises(DataError, match="no usable held-out clip: 0 clips"):
        moments.from_clips(tmp_path, 64, 4, held_out=True)


def test_a_cut_to_somebody_else_is_left_out(astronaut, film, tmp_path):
    """Someone much smaller elsewhere in the picture does not belong to the square of the others."""
    near = np.ascontiguousarray(astronaut[20:276, 80:336])
    far = np.full((256, 256, 3), 90, np.uint8)
    far[150:250, 5:105] = cv2.resize(near, (100, 100))
    name = next(f"c{i}.mp4" for i in range(99) if not moments.is_held_out(f"c{i}.mp4"))
    film(tmp_path / name, [near] * 5 + [far], TIMES)
    (clip,) = moments.from_clips(tmp_path, 64, 6, held_out=False).clips
    assert 4 <= len(clip) <= 5


def test_stills_are_cut_by_their_own_squares(drawn):
    (face,) = moments.stills(drawn, [0], 64)
    assert face.image.shape == (64, 64, 3)
    assert 0.4 < np.ptp(face.landmarks[:468, 1]) / 64 < 0.7
