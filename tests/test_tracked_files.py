"""What lies in the repository: no large file, and no path of somebody's machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAX_BYTES = 10 * 2**20


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode != 0:
        pytest.skip("not a git checkout, so nothing is tracked")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_is_large():
    large = {str(path.relative_to(ROOT)): path.stat().st_size for path in tracked_files()}
    assert {name: size for name, size in large.items() if size > MAX_BYTES} == {}


# A literal first, then what may not stand before it: through megabytes of weights that is far faster.
DEVELOPERS_PATH = re.compile(
    rb"/(?<![\w.~/-]/)(?:home|Users|root|work|mnt)/[\w.-]+|:\\\\(?<=[A-Z]:\\\\)Users"
)


def test_no_tracked_file_names_a_developers_folder():
    assert DEVELOPERS_PATH.search(b"open('/" + b"home/ann/clip.mp4')")
    found = {
        str(path.relative_to(ROOT)): DEVELOPERS_PATH.findall(path.read_bytes()) for path in tracked_files()
    }
    assert {name: hits for name, hits in found.items() if hits} == {}
