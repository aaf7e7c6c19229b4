import av
import numpy as np
import pytest
from PIL import Image

from catchlight.detector import media
from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator.swap.clip import SwapOptions, swap
from catchlight.generator.swap.scene import EVERY


def frames_of(path):
    return [frame.image.astype(int) for frame in media.frames(path, EVERY)]


def times_of(path):
    return [round(frame.time, 3) for frame in media.frames(path, EVERY)]


@pytest.fixture(scope="module")
def made(clip, person, drawer, tmp_path_factory):
    return swap(clip, tmp_path_factory.mktemp("made") / "out.mp4", drawer, person)


def covered(made):
    """Mean mask of the left and the right half, 0 to 255."""
    masks = np.mean(frames_of(made.mask), axis=(0, 3))
    return masks[:, :320].mean(), masks[:, 320:].mean()


def test_the_most_prominent_person_is_swapped_and_the_other_left_alone(made, clip):
    left, right = covered(made)
    assert left > 10
    assert right < 1
    before, after = frames_of(clip)[4], frames_of(made.out)[4]
    assert np.abs(before - after)[60:260, 60:250].mean() > 2 * np.abs(before - after)[:, 330:].mean()
    assert abs((before - after)[:, 330:].mean()) < 1.5  # colours come back, but for rounding


def test_every_frame_keeps_its_time(made, times):
    assert times_of(made.out) == pytest.approx(times, abs=0.002)


def test_sound_is_copied_packet_by_packet(made, clip):
    heard = [[bytes(p) for p in av.open(str(path)).demux(audio=0) if p.size] for path in (clip, made.out)]
    assert heard[0]
    assert heard[0] == heard[1]


def test_the_container_says_that_it_is_synthetic(made):
    with av.open(str(made.out)) as container:
        assert container.metadata["comment"].startswith("synthetic: face replaced by catchlight")
        assert container.metadata["synthetic"] == "true"


def test_the_mask_film_covers_the_face_and_nothing_else(made):
    masks = frames_of(made.mask)
    assert len(masks) == 8
    assert masks[3][:, :320].max() > 200
    assert masks[3][:, 330:].max() < 20


def test_a_swapped_face_flickers_little_more_than_before(made):
    after, before = made.flicker
    assert before > 0
    assert after < 1.5 * before + 0.5


@pytest.mark.parametrize("options", [SwapOptions(person=2), SwapOptions(near=(510, 190))])
def test_another_person_can_be_chosen(options, clip, person, drawer, tmp_path):
    left, right = covered(swap(clip, tmp_path / "out.mp4", drawer, person, options))
    assert left < 1
    assert right > 5


def test_frames_without_the_person_stay_and_are_listed(film, two_people, person, drawer, tmp_path):
    empty = [np.full_like(two_people[0], 90)] * 5
    path = film(tmp_path / "gap.mp4", [*two_people[:5], *empty], np.arange(10) / 10)
    made = swap(path, tmp_path / "out.mkv", drawer, person, SwapOptions(mask=False))
    assert made.mask is None
    assert [note.kept for note in made.frames] == [""] * 5 + ["no_face"] * 5
    assert np.abs(frames_of(path)[8] - frames_of(made.out)[8]).mean() < 1.5


def test_a_clip_without_anybody_is_refused_and_leaves_nothing(film, two_people, person, drawer, tmp_path):
    path = film(tmp_path / "empty.mp4", [np.full_like(two_people[0], 90)] * 3, (0, 0.1, 0.2))
    with pytest.raises(DataError, match="shows no face in its 3 frames"):
        swap(path, tmp_path / "out.mp4", drawer, person)
    assert [file.name for file in tmp_path.iterdir()] == ["empty.mp4"]


def test_frames_that_are_all_too_poor_are_refused(clip, person, drawer, tmp_path):
    with pytest.raises(DataError, match="none of 8 frames can be swapped"):
        swap(clip, tmp_path / "out.mp4", drawer, person, SwapOptions(least=2.0))


def test_bad_arguments_are_named(clip, person, drawer, tmp_path):
    with pytest.raises(ConfigError, match="person must be 1 to 2"):
        swap(clip, tmp_path / "out.mp4", drawer, person, SwapOptions(person=5))
    with pytest.raises(ConfigError, match="is the target itself"):
        swap(clip, clip, drawer, person)
    with pytest.raises(ConfigError, match="needs a source"):
        swap(clip, tmp_path / "out.mp4", drawer)
    with pytest.raises(ConfigError, match="must end in one of"):
        swap(clip, tmp_path / "out.gif", drawer, person)


def test_a_picture_is_swapped_with_its_label_in_xmp(astronaut, person, drawer, tmp_path):
    Image.fromarray(astronaut).save(tmp_path / "target.png")
    made = swap(tmp_path / "target.png", tmp_path / "out.jpg", drawer, person)
    assert (made.swapped, len(made.frames)) == (1, 1)
    with Image.open(made.out) as out:
        assert b"compositeWithTrainedAlgorithmicMedia" in out.info["xmp"]
        assert out.size == (512, 512)
    with Image.open(made.mask) as mask:
        assert np.asarray(mask).max() > 200
