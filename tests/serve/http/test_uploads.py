"""What names of files become; the way of bodies is test_scoring.py's."""

from __future__ import annotations

import pytest

from catchlight.serve.http.uploads import clean


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\me.png", "me.png"),
        ("a\nb\x1b[31m\u202e.jpg", "ab[31m.jpg"),
        ("", "upload"),
        ("///", "upload"),
        ("x" * 300, "x" * 255),
        ("Šárka 😀.jpg", "Šárka 😀.jpg"),
    ],
)
def test_names_keep_what_people_read_and_nothing_else(name: str, expected: str) -> None:
    assert clean(name) == expected
