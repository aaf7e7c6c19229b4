"""The words: fair, without false certainty, harmless to a terminal."""

from __future__ import annotations

import pytest

from catchlight.detector.types import MediaReport
from catchlight.serve.report import words


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "<1%"), (0.004, "<1%"), (0.5, "50%"), (0.9951, ">99%"), (1.0, ">99%"), (None, "not measured")],
)
def test_percentages_claim_no_certainty(share: float | None, text: str) -> None:
    assert words.percent(share) == text


@pytest.mark.parametrize("code", ["no_face", "face_too_small", "too_dark", "too_blurred", "some_new_code"])
def test_reason_codes_become_sentences(code: str) -> None:
    text = words.reason(code)
    assert "_" not in text
    assert text[0].isupper()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "1:00.0"), (3599.96, "1:00:00")]
)
def test_moments_round_without_a_sixtieth_second(seconds: float, text: str) -> None:
    assert words.clock(seconds) == text


def test_no_verdict_claims_more_than_was_measured() -> None:
    assert set(words.MEANINGS) == set(words.SYMBOLS) == {"fake", "real", "undecided"}
    assert "not a proof" in words.meaning("real", 0.1)
    assert "can be wrong" in words.meaning("fake", 0.9)
    assert words.meaning("undecided", None) == words.NOTHING_MEASURED


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x07", "\u202e", "\u2066", "\udcff", "\r\n", "\x9b31m", "\u2028"]
)
def test_what_would_steer_a_terminal_is_made_visible(text: str) -> None:
    shown = words.printable(f"a{text}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")
    assert shown.encode("utf-8")


def test_names_in_any_script_stay_as_they_are() -> None:
    name = "интервью 面談 (1) & [bold].mp4"
    assert words.printable(name) == name


def test_the_facts_of_a_clip_say_how_much_of_it_was_seen() -> None:
    clip = MediaReport("video", "a.mp4", "ab", 1280, 720, 10.04, 32, 30, 0.94)
    assert words.medium(clip) == "video, 1280 x 720 px, 10.0 s, 30 of 32 sampled frames scored"
