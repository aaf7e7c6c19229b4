import pytest

from catchlight.detector.errors import MediaNotFound
from catchlight.generator.swap.scene import choose, cuts, described, survey


@pytest.fixture(scope="module")
def seen(clip):
    return survey(clip)


def test_every_frame_is_looked_at_and_both_people_are_found(seen, times):
    assert seen.times == pytest.approx(times, abs=0.002)
    assert [len(track.crops) for track in seen.people] == [8, 8]
    assert seen.crops(seen.people[0]).keys() == set(range(8))
    assert cuts(seen.crops(seen.people[0])) == ()


def test_people_are_described_so_that_one_can_be_chosen(seen, clip):
    text = described(seen)
    assert text.startswith("1: 8 of 8 frames")
    assert "; 2: 8 of 8 frames" in text
    assert choose(seen, clip) is seen.people[0]
    assert choose(seen, clip, near=(500, 200)) is seen.people[1]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(MediaNotFound):
        survey(tmp_path / "absent.mp4")
