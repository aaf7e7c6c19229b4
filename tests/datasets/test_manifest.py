"""The manifest: what is written is read; what breaks a rule is named with its line."""

import pytest

from catchlight.datasets import manifest
from catchlight.datasets.manifest import Sample
from catchlight.detector.errors import ConfigError, DataError

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
    yaw=-12.5,
    pitch=0.0,
    mask="masks/c.png",
    parameters='{"real": "images/r.jpg", "sigma": 1.5}',
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

    (tmp_path / ".manifest.partial.csv").symlink_to("/dev/full")  # writes there fail as on a full disk
    with pytest.raises(
        DataError, match=r"manifest\.csv can't be written: No space left.*run the same command"
    ):
        manifest.write(file, [Sample("b.jpg", "real")])
    assert manifest.read(file) == (FULL,)
    assert [path.name for path in tmp_path.iterdir()] == [manifest.FILENAME]


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
        ("a.jpg,real,,image,", "path is already in line 2"),
        ("a\\b.jpg,real,,image,", "path must be relative"),
        ("b.jpg,real,nan,image,", "face_width must be a finite number"),
        ("b.jpg,real,,image,train,", "more cells than columns"),
    ],
)
def test_a_bad_row_is_named_with_its_line(row, problem, tmp_path):
    file = tmp_path / manifest.FILENAME
    file.write_text(f"path,label,face_width,kind,split\na.jpg,real,90,image,train\n{row}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"line 3.*: .*{problem}"):
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


def test_a_fake_names_the_real_picture_of_its_pair():
    assert FULL.partner == "images/r.jpg"
    assert [Sample("a.jpg", "real", parameters=p).partner for p in ("", "{", "[1]", '{"real": 3}')] == [
        ""
    ] * 4


def test_parquet_holds_the_same_rows(tmp_path):
    samples = (FULL, Sample("b.jpg", "real"), Sample("c.jpg", "real", brightness=0.1 + 0.2))
    manifest.write(tmp_path / manifest.PARQUET, samples)
    assert manifest.read(tmp_path) == manifest.read(tmp_path / manifest.PARQUET) == samples
    manifest.write(tmp_path / manifest.FILENAME, samples[:1])
    assert manifest.read(tmp_path) == samples[:1]


def test_a_row_of_parquet_is_named_by_its_number(tmp_path):
    from catchlight.datasets.parquet import write_table

    write_table(tmp_path / "m.parquet", {"path": ["a.jpg", "../b.jpg"], "label": ["real", "real"]}, ())
    with pytest.raises(DataError, match=r"line 2, \.\./b\.jpg: path must be relative"):
        manifest.read(tmp_path / "m.parquet")


def test_other_suffixes_are_refused(tmp_path):
    (tmp_path / "m.json").write_text("{}")
    for act in (lambda: manifest.read(tmp_path / "m.json"), lambda: manifest.write(tmp_path / "m.xls", [])):
        with pytest.raises(ConfigError, match=r"\.csv or a \.parquet"):
            act()


def test_all_faults_are_found_and_the_good_rows_are_kept(tmp_path):
    file = tmp_path / manifest.FILENAME
    file.write_text("path,label\na.jpg,real\nb.jpg,genuine\nc.jpg,fake\n/d.jpg,real\n", encoding="utf-8")
    rows, faults = manifest.scan(tmp_path)
    assert [(line, sample.path) for line, sample in rows] == [(2, "a.jpg"), (4, "c.jpg")]
    assert [(fault.line, fault.path) for fault in faults] == [(3, "b.jpg"), (5, "/d.jpg")]
    with pytest.raises(DataError, match=r"line 3.*\(1 more; `catchlight dataset check` lists all\)"):
        manifest.read(tmp_path)


def test_a_row_is_what_is_told_of_it():
    row = Sample("a.jpg", "fake", method="swap", yaw=0.0, inside=1.0)
    told = manifest.told(row)
    assert told == {"path": "a.jpg", "label": "fake", "method": "swap", "yaw": 0.0}
    assert Sample(**told) == row


def test_who_is_unknown_stands_for_their_clip_or_themselves():
    rows = (
        Sample("a.png", "real"),
        Sample("b.png", "real", clip="walk"),
        Sample("c.png", "real", identity="ann"),
    )
    assert [row.person for row in rows] == ["a.png", "walk", "ann"]


def test_added_rows_replace_older_ones_of_the_same_path(tmp_path):
    manifest.add(tmp_path, [Sample("a.png", "real"), Sample("b.png", "real")])
    manifest.add(tmp_path, [Sample("a.png", "fake", method="swap")])
    rows = manifest.read(tmp_path)
    assert [(row.path, row.label) for row in rows] == [("b.png", "real"), ("a.png", "fake")]
