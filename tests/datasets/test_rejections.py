"""Rejections are written, read and counted by reason."""

from catchlight.datasets import rejections
from catchlight.datasets.rejections import Rejection

LIST = (Rejection("a, b.jpg", "no face"), Rejection("c.mp4, frame 3", "copy", "images/c.jpg"))


def test_what_is_written_is_read(tmp_path):
    assert rejections.read(tmp_path) == ()
    rejections.write(tmp_path, LIST)
    assert rejections.read(tmp_path) == LIST
    assert (tmp_path / "rejected.csv").read_text().startswith('path,reason,kept\n"a, b.jpg",no face,\n')


def test_a_list_without_the_last_column_is_read(tmp_path):
    (tmp_path / "rejected.csv").write_text("path,reason\na.jpg,no face\n")
    assert rejections.read(tmp_path) == (Rejection("a.jpg", "no face"),)


def test_reasons_are_counted_without_the_names_of_files():
    torn = [Rejection(f"{n}.jpg", f"{n}.jpg is damaged") for n in range(3)]
    assert rejections.by_reason([LIST[0], *torn]) == {"... is damaged": 3, "no face": 1}
