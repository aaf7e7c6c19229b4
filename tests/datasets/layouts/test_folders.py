"""Folders of media: the label and the method are the folders' names."""

from catchlight.datasets.layouts import folders


def test_labels_and_methods_come_from_folders(media_folder):
    items = list(folders.items(media_folder))
    found = {str(item.path.relative_to(media_folder)): (item.label, item.method) for item in items}
    assert found["real/plain.jpg"] == ("real", "")
    assert found["fake/tool/walk.mp4"] == ("fake", "tool")
    assert len(found) == len(items) == 10
    assert {item.source for item in items} == {media_folder.name}
    assert [item.path for item in items] == sorted(item.path for item in items)


def test_a_plain_folder_holds_real_people(media_folder):
    assert {item.label for item in folders.items(media_folder / "real")} == {"real"}


def test_a_fake_without_a_method_folder_is_of_an_unknown_one(media_folder, tmp_path):
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "a.jpg").write_bytes((media_folder / "real" / "plain.jpg").read_bytes())
    (item,) = folders.items(tmp_path)
    assert (item.label, item.method) == ("fake", "unknown")


def test_what_is_no_medium_is_passed_over(tmp_path):
    (tmp_path / "notes.txt").write_text("no picture")
    assert list(folders.items(tmp_path)) == []


def test_the_folder_where_one_stands_has_a_name_too(media_folder, monkeypatch):
    from pathlib import Path

    monkeypatch.chdir(media_folder)
    assert {item.source for item in folders.items(Path())} == {media_folder.name}


def test_matches_folders_only(media_folder):
    assert folders.matches(media_folder)
    assert not folders.matches(media_folder / "real" / "plain.jpg")


def test_a_folder_names_the_person_on_request(tmp_path):
    for name in (
        "ann/1.jpg",
        "real/bob/x/2.jpg",
        "fake/swap/cy/3.jpg",
        "fake/swap/4.jpg",
        "real/5.jpg",
        "6.jpg",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    found = {item.path.name: item.identity for item in folders.items(tmp_path, "folder")}
    assert found == {"1.jpg": "ann", "2.jpg": "x", "3.jpg": "cy", "4.jpg": "", "5.jpg": "", "6.jpg": ""}
    assert {item.identity for item in folders.items(tmp_path)} == {""}
