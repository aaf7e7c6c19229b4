"""The manifest: what is written is read; what breaks a rule is named with its line."""

import pytest

from catchlight.datasets import manifest
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import DataError

FULL = Sample(
    path="images/a, b/c.jpg",
    label="fake",
    method="swap",
    source='quoted "source"',
    identity="Zoë\nO'Neil",
    clip="k1",
    kind="video",
    split="val",
    face_width=101.5,
    sharpness=33.25,
    brightness=120.0,
    inside=0.875,
    dhash="00ff00ff00ff00ff",
    sha256="ab" * 32,
)


def test_what_is_written_is_read(tmp_path):
    samples = (FULL, Sample("b.jpg", "real"))
    manifest.write(tmp_path / manifest.FILENAME, samples)
    assert manifest.read(tmp_path) == samples
    assert manifest.read(tmp_path / manifest.FILENAME) == samples
    assert [path.name for path in tmp_path.iterdir()] == [manifest.FILENAME]


def test_a_failed_write_leaves_the_old_manifest(tmp_path):
    file = tmp_path / manifest.FILENAME
    manifest.write(file, [FULL])

    def broken():
        yield Sample("b.jpg", "real")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        manifest.write(file, broken())
    assert manifest.read(file) == (FULL,)


def test_columns_of_others_are_left_aside_and_absent_ones_have_defaults(tmp_path):
    file = tmp_path / "theirs.csv"
    file.write_text("label,colour,path\nreal,red,a.jpg\n", encoding="utf-8")
    assert manifest.read(file) == (Sample("a.jpg", "real"),)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("b.jpg,maybe,,image,", "label must be one of"),
        ("b.jpg", "label must be one of"),
        (",real,,image,", "path must be relative"),
        ("/etc/b.jpg,real,,image,", "path must be relative"),
        ("x/../../b.jpg,real,,image,", "path must be relative"),
        ("b.jpg,real,wide,image,", "could not convert string to float: 'wide'"),
        ("b.jpg,real,,sound,", "kind must be one of"),
        ("b.jpg,real,,image,test", "split must be one of"),
    ],
)
def test_a_bad_row_is_named_with_its_line(row, problem, tmp_path):
    file = tmp_path / manifest.FILENAME
    file.write_text(f"path,label,face_width,kind,split\na.jpg,real,90,image,train\n{row}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"line 3: .*{problem}"):
        manifest.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"file,label\n", r"missing column\(s\) path; found file, label"), (b"", "missing column.*found none"),
     (b"path,label\n\xff\xfe,real\n", "not a CSV file in UTF-8")],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(content, problem, tmp_path):
    (tmp_path / manifest.FILENAME).write_bytes(content)
    with pytest.raises(DataError, match=problem):
        manifest.read(tmp_path)


def test_a_missing_manifest_says_how_to_make_one(tmp_path):
    with pytest.raises(DataError, match="catchlight dataset faces"):
        manifest.read(tmp_path)


def test_person_and_medium_stand_in_for_what_is_unknown():
    assert (FULL.person, FULL.medium) == ("Zoë\nO'Neil", 'swap:quoted "source":k1')
    still = Sample("b.jpg", "real")
    assert (still.person, still.medium) == ("b.jpg", "b.jpg")


def test_counts_are_by_split_label_and_method():
    rows = [FULL, FULL, Sample("b.jpg", "real", source="web", split="train")]
    assert manifest.counts(rows) == {("train", "real", "web"): 1, ("val", "fake", "swap"): 2}
