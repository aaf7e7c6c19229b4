"""Cards and tables: complete, in words, and safe on a terminal."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from catchlight.detector.types import (
    Box,
    FaceReport,
    FrameScore,
    MediaReport,
    ModelReport,
    Report,
    Verdict,
)
from catchlight.serve.cli.table import show, tally
from catchlight.serve.report.words import Problem

PROBLEM = Problem("notes.jpg", "not_media", "notes.jpg is neither an image nor a video; expected a JPEG")


def report(verdict: Verdict = "fake", path: str = "clip.mp4", reason: str = "seam along the jaw") -> Report:
    frame = FrameScore(0.5, 15, Box(1, 2, 30, 40), 0.9, 0.8)
    face = FaceReport(0, 0.934, (0.86, 0.97), verdict, (reason,), (frame, frame))
    media = MediaReport("video", path, "ab" * 32, 1280, 720, 10.0, 32, 30, 0.94)
    model = ModelReport("mobilenet", "0.1.0", "cd" * 32, "c1", 0.03)
    times = {"decode": 12.0, "total": 99.0}
    return Report("1", verdict, 0.934, (0.86, 0.97), (reason,), media, (face,), ("dim light",), model, times)


def faceless() -> Report:
    media = MediaReport("image", "sea.jpg", "ab" * 32, 640, 480, 0.0, 1, 0, 0.0)
    model = ModelReport("mobilenet", "0.1.0", "cd" * 32, "c1", 0.03)
    return Report("2", "undecided", None, None, ("no_face",), media, (), (), model, {"total": 9.0})


def shown(*outcomes: Report | Problem, details: bool = False, colour: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file,
        width=120,
        highlight=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    )
    show(outcomes, console, details)
    return file.getvalue()


def test_a_card_says_all_that_a_person_needs() -> None:
    text = shown(report())
    for part in (
        "clip.mp4", "fake", "probability of forgery 93%", "86% to 97%", "Signs of forgery were found",
        "Seam along the jaw", "Person 1", "Note: Dim light", "10.0 s", "30 of 32",
        "judged by mobilenet 0.1.0",
    ):  # fmt: skip
        assert part in text
    assert "sha256" not in text


def test_details_add_hashes_and_timings() -> None:
    text = shown(report(), details=True)
    assert "ab" * 32 in text
    assert "decode 12 ms, total 99 ms" in text


def test_without_a_face_there_is_a_reason_and_no_number() -> None:
    text = shown(faceless())
    assert "No face was found." in text
    assert "%" not in text


@pytest.mark.parametrize("verdict", ["fake", "real", "undecided"])
def test_a_verdict_is_a_word_with_or_without_colour(verdict: Verdict) -> None:
    assert verdict in shown(report(verdict))
    coloured = shown(report(verdict), colour=True)
    assert verdict in coloured
    assert "\x1b[" in coloured


def test_several_files_get_a_row_each_and_a_count() -> None:
    outcomes = (report(), report("real", "b.mp4"), faceless(), PROBLEM)
    text = shown(*outcomes)
    for part in ("clip.mp4", "b.mp4", "sea.jpg", "notes.jpg", "Is neither an image nor a video"):
        assert part in text
    assert text.splitlines()[-1] == "4 files: 1 fake, 1 real, 1 undecided, 1 failed"


def test_the_count_names_failures_only_where_there_are_any() -> None:
    assert tally([report()]) == "1 file: 1 fake, 0 real, 0 undecided"


def test_nothing_from_a_file_is_markup_or_a_command() -> None:
    name = "[bold]a[/red]\x1b[2J\u202e.mp4"
    for text in (
        shown(report(path=name, reason=name)),
        shown(report(path=name), Problem(name, "not_media", name)),
    ):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert r"[bold]a[/red]\x1b[2J\u202e.mp4" in text
