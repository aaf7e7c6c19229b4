"""What a person reads: the same words for a verdict on the terminal, on the page and on the web.

A judgement touches the people in the picture, so the words stay with what was measured: signs in the
pixels. They never say that a person lied, and never that a picture is proven authentic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from catchlight.detector.cues import usual

if TYPE_CHECKING:
    from catchlight.detector.types import MediaReport, Verdict

SYMBOLS: dict[Verdict, str] = {"fake": "▲", "real": "●", "undecided": "◆"}

MEANINGS: dict[Verdict, str] = {
    "fake": (
        "Signs of forgery were found. The detector can be wrong: look at the marked faces and check the "
        "source before acting on it."
    ),
    "real": (
        "No sign of forgery was found. That is not a proof that the picture is genuine: a forgery of a "
        "kind that the detector does not know can look the same."
    ),
    "undecided": "The evidence does not allow a judgement either way.",
}

GOOD = 0.7  # quality of a cue from which on it is called so

NOTHING_MEASURED = "Nothing could be measured, so there is no judgement and no number."

LIMITS = (
    "A verdict is about pixels, not about people: it does not say who changed a picture, why, or whether the "
    "person shown knew of it.",
    "The probability was calibrated on media that may differ from yours. Strong compression, small or "
    "filtered faces and new kinds of forgery make every detector less reliable.",
    "The interval says how far the number could move by chance; it does not cover kinds of forgery that the "
    "detector has never met.",
    "Only faces were examined, not voices, captions or backgrounds, nor when and where it was recorded.",
)

REASONS = {
    "no_face": "No face was found.",
    "face_too_small": "The face is too small to be judged; use the original resolution.",
    "too_dark": "The face is too dark to be judged.",
    "too_bright": "The face is overexposed and can't be judged.",
    "too_blurred": "The face is too blurred to be judged; use the original file rather than a copy.",
    "not_calibrated": "This detector has no calibration, so its scores are not probabilities.",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be judged: which, a stable code for machines, a sentence for people."""

    path: str
    code: str
    message: str


def printable(text: str) -> str:
    r"""Make characters visible that would steer a terminal or reorder a line; file names may hold them.

    Example:
        >>> printable("a\x1b[31m.jpg")
        'a\\x1b[31m.jpg'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def percent(share: float | None) -> str:
    """A probability without false precision, never a round 0% or 100%.

    Example:
        >>> percent(0.934), percent(0.999), percent(0.001), percent(None)
        ('93%', '>99%', '<1%', 'not measured')
    """
    if share is None:
        return "not measured"
    if share > 0.99:
        return ">99%"
    return "<1%" if share < 0.01 else f"{100 * share:.0f}%"


def amount(value: float) -> str:
    """A measured number with two or three digits, without an exponent.

    Example:
        >>> amount(0.8468), amount(12.92), amount(106.86), amount(-3.159), amount(0.0)
        ('0.85', '12.9', '107', '-3.2', '0')
    """
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2
    return f"{round(value, digits) + 0.0:g}"


def quality(share: float | None) -> str:
    """How far a measurement can be relied on, in a word and its percentage.

    Example:
        >>> quality(0.1), quality(0.5), quality(1.0), quality(None)
        ('low (10%), so it tells little', 'fair (50%)', 'good (>99%)', 'not known')
    """
    if share is None:
        return "not known"
    if share < usual.TRUSTED:
        return f"low ({percent(share)}), so it tells little"
    return f"{'good' if share >= GOOD else 'fair'} ({percent(share)})"


def interval(bounds: tuple[float, float] | None) -> str:
    """An interval of a probability, such as ``86% to 97%``; empty where nothing was measured."""
    return "" if bounds is None else f"{percent(bounds[0])} to {percent(bounds[1])}"


def reason(text: str) -> str:
    """A reason as a sentence; codes such as ``no_face`` get theirs, other text is made printable."""
    if text in REASONS:
        return REASONS[text]
    if re.fullmatch(r"[a-z]+(_[a-z]+)+", text):
        text = text.replace("_", " ")
    text = printable(text)
    return text[:1].upper() + text[1:]


def meaning(verdict: Verdict, p_fake: float | None) -> str:
    """What a verdict means, in one or two sentences."""
    return NOTHING_MEASURED if p_fake is None else MEANINGS[verdict]


def person(track: int) -> str:
    """The name of a track for people, who count from 1."""
    return f"Person {track + 1}"


def count(number: int, noun: str) -> str:
    """A number with its noun: ``1 frame``, ``2 frames``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def medium(media: MediaReport) -> str:
    """The facts of a medium in one line: kind, size, duration, how many frames had a face that was scored."""
    facts = [media.kind, f"{media.width} x {media.height} px"]
    if media.kind == "video":
        facts += [
            f"{media.duration:.1f} s",
            f"{media.frames_scored} of {count(media.frames_sampled, 'sampled frame')} scored",
        ]
    return ", ".join(facts)


def clock(seconds: float) -> str:
    """A moment in a clip: ``4.2 s``, from a minute on ``1:04.2``, from an hour on ``1:01:04``.

    Example:
        >>> clock(4.21), clock(64.2), clock(3664.0)
        ('4.2 s', '1:04.2', '1:01:04')
    """
    tenths = round(10 * seconds)
    if tenths < 600:
        return f"{tenths / 10:.1f} s"
    minutes, rest = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes}:{rest / 10:04.1f}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 10:02d}"
