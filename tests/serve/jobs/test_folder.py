import hashlib
import stat

import pytest

from catchlight.detector.errors import MediaNotFound, StoreError
from catchlight.serve.jobs.folder import Folder


def test_files_are_copied_whole_hashed_and_private(tmp_path, file):
    folder = Folder(tmp_path / "deep" / "media")
    assert folder.keep("0f", file) == hashlib.sha256(file.read_bytes()).hexdigest()
    file.unlink()
    assert folder.media("0f").read_bytes() == b"bytes of a picture"
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    folder.secret()
    assert stat.S_IMODE((folder.path / "webhook.secret").stat().st_mode) == 0o600


def test_across_file_systems_too(tmp_path, file, monkeypatch):
    def refuse(*names):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr("os.link", refuse)
    folder = Folder(tmp_path / "media")
    folder.keep("0f", file)
    assert folder.media("0f").read_bytes() == file.read_bytes()


def test_pages(tmp_path):
    folder = Folder(tmp_path)
    name = folder.keep_page("0f.1", "<html>é</html>")
    assert folder.page(name) == "<html>é</html>"
    folder.drop_all("0f")
    assert folder.page(name) is None
    assert not list(folder.files.iterdir())


def test_a_page_with_half_a_character_is_written_all_the_same(tmp_path):
    folder = Folder(tmp_path)
    assert folder.page(folder.keep_page("0f.1", "a \ud800 b")) == "a ? b"


def test_one_secret_for_all_who_share_the_folder(tmp_path):
    secrets = {Folder(tmp_path).secret() for _ in range(3)}
    assert len(secrets) == 1
    assert len(secrets.pop()) == 32


def test_absent_media(tmp_path):
    with pytest.raises(MediaNotFound, match="absent"):
        Folder(tmp_path).keep("0f", tmp_path / "absent")


def test_a_place_that_can_not_be_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="media can't be kept"):
        Folder(tmp_path / "file" / "media")


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, file, monkeypatch):
    def full(*names):
        raise OSError(28, "No space left on device")

    folder = Folder(tmp_path / "media")
    monkeypatch.setattr("os.link", full)
    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(StoreError, match="No space left"):
        folder.keep("0f", file)
    assert not list(folder.files.iterdir())
