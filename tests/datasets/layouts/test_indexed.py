"""Folders with CSV indices: loose files and tar shards, and what is missing."""

import tarfile

import pytest

from catchlight.datasets.layouts import indexed
from catchlight.detector.errors import DataError

HEADER = "path,label,source,identity,shard,group,method\n"


@pytest.fixture
def folder(tmp_path):
    """Two pictures in a shard and a loose one."""
    for name in ("web/a__3.jpg", "fake-swap/b.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(name.encode())
    with tarfile.open(tmp_path / "shard-0.tar", "w") as archive:
        archive.add(tmp_path / "in/web/a__3.jpg", "web/a__3.jpg")
        archive.add(tmp_path / "in/fake-swap/b.jpg", "fake-swap/b.jpg")
    (tmp_path / "loose.mp4").write_bytes(b"clip")
    return tmp_path


def write(folder, *rows, header=HEADER):
    (folder / "index.csv").write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")


def test_reads_shards_and_loose_files(folder):
    write(
        folder,
        "web/a__3.jpg,real,web,ann,shard-0.tar,,",
        "fake-swap/b.jpg,fake,fake-swap,,shard-0.tar,,",
        "loose.mp4,fake,,,,g7,talk",
    )
    loose, a, b = indexed.items(folder)
    assert (a.data, a.label, a.method, a.identity, a.clip) == (b"web/a__3.jpg", "real", "", "ann", "ann")
    assert (b.data, b.label, b.method, b.source, b.clip) == (
        b"fake-swap/b.jpg",
        "fake",
        "swap",
        "fake-swap",
        "",
    )
    assert (loose.data, loose.path, loose.method, loose.identity) == (
        None,
        folder / "loose.mp4",
        "talk",
        "g7",
    )


def test_matches_a_folder_with_an_index(folder):
    assert not indexed.matches(folder)
    write(folder)
    assert indexed.matches(folder)
    assert list(indexed.items(folder)) == []


def test_a_missing_shard_is_an_error_that_names_it(folder):
    write(folder, "web/a__3.jpg,real,web,,shard-9.tar,,")
    with pytest.raises(DataError, match=r"shard-9\.tar is missing"):
        list(indexed.items(folder))


def test_a_shard_without_the_named_file_is_an_error(folder):
    write(folder, "web/absent.jpg,real,web,,shard-0.tar,,")
    with pytest.raises(DataError, match=r"shard-0\.tar .*web/absent\.jpg"):
        list(indexed.items(folder))


def test_a_damaged_shard_is_an_error(folder):
    (folder / "shard-0.tar").write_bytes(b"no archive")
    write(folder, "web/a__3.jpg,real,web,,shard-0.tar,,")
    with pytest.raises(DataError, match=r"shard-0\.tar is missing, damaged"):
        list(indexed.items(folder))


def test_an_index_without_labels_is_an_error(folder):
    write(folder, "a.jpg,web", header="path,source\n")
    with pytest.raises(DataError, match=r"index\.csv needs the columns path and label; found path, source"):
        list(indexed.items(folder))


def test_licence_and_consent_are_read(folder):
    write(folder, "loose.mp4,real,CC0-1.0,signed", header="path,label,licence,consent\n")
    (item,) = indexed.items(folder)
    assert (item.licence, item.consent) == ("CC0-1.0", "signed")


@pytest.mark.parametrize("row", ["loose.mp4,genuine", ",real", "loose.mp4"])
def test_a_row_without_a_path_or_a_label_is_named(folder, row):
    write(folder, "loose.mp4,real", row, header="path,label\n")
    with pytest.raises(DataError, match=r"index\.csv, row 2 needs a path, and real or fake as label"):
        list(indexed.items(folder))


def test_an_index_that_is_no_text_is_refused(folder):
    (folder / "index.csv").write_bytes(b"path,label\n\xff\xfe,real\n")
    with pytest.raises(DataError, match=r"index\.csv can't be read"):
        list(indexed.items(folder))
