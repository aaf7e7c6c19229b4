"""The journal survives torn lines and tells edited ones."""

import pytest

from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError
from catchlight.generator import journal
from catchlight.generator.journal import Run
from catchlight.generator.make import Made


def made(number: int, sha256: str = "0") -> Made:
    rows = (
        Sample(f"{number}-{kind}.jpg", kind, sha256=sha256, yaw=None, inside=0.5) for kind in ("real", "fake")
    )
    return Made(f"{number:06d}", *rows, "mask's hash")


@pytest.fixture
def out(tmp_path):
    journal.write_run(tmp_path, Run("r/1", "f", "s", "0", 3, "faces"))
    with journal.journal(tmp_path) as book:
        book.add([made(0), made(1)])
        book.add([made(2)])
    return tmp_path


def file_of(out):
    return out / journal.STATE / journal.JOURNAL


def test_what_was_added_is_read(out):
    assert journal.read_journal(out) == {f"{n:06d}": made(n) for n in range(3)}
    assert journal.read_run(out) == Run("r/1", "f", "s", "0", 3, "faces")


def test_of_two_lines_about_one_sample_the_later_counts(out):
    with journal.journal(out) as book:
        book.add([made(1, "later")])
    assert journal.read_journal(out)["000001"] == made(1, "later")


def test_a_torn_line_costs_one_sample_and_spoils_no_other(out):
    whole = file_of(out).read_bytes().rstrip(b"\n")
    last = len(whole) - whole.rindex(b"\n") - 1
    for length in range(len(whole) - last, len(whole)):
        file_of(out).write_bytes(whole[:length])
        assert set(journal.read_journal(out)) == {"000000", "000001"}
    with journal.journal(out) as book:
        book.add([made(3)])
    assert set(journal.read_journal(out)) == {"000000", "000001", "000003"}


def test_an_edited_line_counts_as_absent(out):
    text = file_of(out).read_text()
    assert '"1-fake.jpg", "label": "fake"' in text
    file_of(out).write_text(text.replace('"1-fake.jpg", "label": "fake"', '"1-fake.jpg", "label": "real"'))
    assert set(journal.read_journal(out)) == {"000000", "000002"}


def test_a_folder_without_a_run_has_none_and_a_damaged_one_is_told(tmp_path, out):
    assert journal.read_run(tmp_path / "new") is None
    assert journal.read_journal(tmp_path / "new") == {}
    (out / journal.STATE / journal.RUN).write_text("{")
    with pytest.raises(DataError, match="damaged"):
        journal.read_run(out)
