from dataclasses import replace

import pytest
from PIL import Image

from catchlight.detector.errors import DataError, MediaNotFound
from catchlight.generator.swap import frame
from catchlight.generator.swap.reference import SIDE, apart, best, references
from catchlight.generator.types import Portrait


def test_a_photograph_gives_one_face(person):
    assert [r.origin for r in person] == ["person.png"]
    assert person[0].face.image.shape == (SIDE, SIDE, 3)
    assert 0 < person[0].quality <= 1


def test_a_video_gives_faces_with_their_times(clip):
    found = references(clip)
    assert len(found) == 8
    assert found[1].origin == "two.mp4 at 0.04 s"


def test_a_folder_gives_those_of_its_files_that_show_a_face(astronaut, tmp_path):
    Image.fromarray(astronaut).save(tmp_path / "b.jpg")
    Image.fromarray(astronaut[350:]).save(tmp_path / "a.jpg")
    (tmp_path / "c.jpg").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("x")
    assert [r.origin for r in references(tmp_path)] == ["b.jpg"]


def test_nobody_and_nothing_are_errors(astronaut, tmp_path):
    Image.fromarray(astronaut[350:]).save(tmp_path / "empty.png")
    with pytest.raises(DataError, match="shows no face that can be used"):
        references(tmp_path / "empty.png")
    with pytest.raises(MediaNotFound):
        references(tmp_path / "absent.png")


def test_the_face_that_fits_is_chosen_and_mirroring_counts(person, astronaut_face):
    (straight,) = person
    bent = straight.face.landmarks.copy()
    bent[:, 1] = 0.6 * bent[:, 1] + 40
    odd = replace(straight, face=Portrait(straight.face.image, bent), origin="odd")
    assert best([odd, straight], [astronaut_face.landmarks]) is straight
    assert apart(frame.turned_over(straight.face), astronaut_face.landmarks) < 0.1
