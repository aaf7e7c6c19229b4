"""The page: whole, honest, harmless. Its analyses are built by hand from a public-domain photograph."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from catchlight.detector.pipeline import Analysis, Thumbnail
from catchlight.detector.types import (
    Box,
    Crop,
    Cue,
    Face,
    FaceReport,
    FrameScore,
    MediaReport,
    ModelReport,
    Quality,
    Report,
    Track,
    Verdict,
)
from catchlight.serve.report import words
from catchlight.serve.report.html import MAX_SHOTS, Page
from catchlight.serve.report.words import Problem

FACE_BOX = Box(170.0, 60.0, 110.0, 150.0)
MADE = datetime(2025, 11, 21, 10, 40, tzinfo=UTC)
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
CUES = {
    "blink": Cue("ok", 12.0, "1/min", (8.0, 33.0), 0.9),
    "catchlight": Cue("not_applicable", reason="eye smaller than 12 px"),
}

Pixels = NDArray[np.uint8]


class Outline(HTMLParser):
    """Collects what a page consists of, and complains about elements that are never closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    assert found.open == []
    return found


def crop(photo: Pixels, index: int, time: float, problem: str | None = None) -> Crop:
    image = np.ascontiguousarray(photo[20:244, 110:334])
    points = np.zeros((478, 2), np.float32)
    quality = Quality(110.0, 80.0, 120.0, 0.1, 0.0 if problem else 0.9, problem)
    return Crop(image, points, Face(FACE_BOX, points, 0.9), index, time, quality)


def video(photo: Pixels, scores: list[float], verdict: Verdict = "fake", step: float = 0.3) -> Analysis:
    """A clip with one person, one crop a score, and half of the frames kept as thumbnails."""
    frames = tuple(FrameScore(i * step, 9 * i, FACE_BOX, p, 0.9) for i, p in enumerate(scores))
    p_fake = float(np.mean(scores))
    bounds = (max(0.0, p_fake - 0.07), min(1.0, p_fake + 0.04))
    face = FaceReport(0, p_fake, bounds, verdict, ("consistent over all frames",), frames, CUES)
    report = report_on("clip.mp4", face, duration=step * len(scores))
    crops = tuple(crop(photo, frame.index, frame.time) for frame in frames)
    thumbnails = tuple(Thumbnail(photo, frame.time, frame.index, 1.0) for frame in frames[::2])
    heat = np.zeros((len(scores), 7, 7), np.float32)
    heat[:, 3:5, 2:5] = 1.0
    values = np.asarray(scores)
    return Analysis(report, (Track(0, crops),), {0: values}, {0: heat}, thumbnails)


def report_on(path: str, *faces: FaceReport, duration: float = 0.0) -> Report:
    worst = max(faces, key=lambda face: face.p_fake or 0.0, default=None)
    kind, scored = ("video" if duration else "image"), sum(len(face.frames) for face in faces)
    return Report(
        id="7d3a",
        verdict=worst.verdict if worst else "undecided",
        p_fake=worst.p_fake if worst else None,
        interval=worst.interval if worst else None,
        reasons=worst.reasons if worst else ("no_face",),
        media=MediaReport(kind, path, "ab" * 32, 512, 512, duration, scored, scored, 1.0),  # type: ignore[arg-type]
        faces=faces,
        warnings=("heavy compression",) if duration else (),
        model=ModelReport("mobilenet", "0.1.0", "cd" * 32, "temperature-1", 0.031),
        timings_ms={"decode": 41.0, "network": 160.2, "total": 310.0},
    )


def faceless(path: str = "landscape.jpg") -> Analysis:
    return Analysis(report_on(path), (), {}, {}, ())


def page(*analyses: Analysis) -> str:
    made = Page(MADE)
    for analysis in analyses:
        made.add(analysis)
    return made.html()


def test_a_page_on_a_clip_shows_all_of_it(astronaut: Pixels) -> None:
    html = page(video(astronaut, [0.91, 0.95, 0.89, 0.97]))
    found = outline(html)
    for text in (
        "clip.mp4", "Fake", "93%", "86% to 97%", "Consistent over all frames", "Heavy compression",
        "Person 1", "Blink", "8 to 33", "eye smaller than 12 px", "mobilenet 0.1.0", "ab" * 32,
        "temperature-1", "0.031", "network 160 ms", "21 November 2025, 10:40 UTC", words.LIMITS[0],
    ):  # fmt: skip
        assert text in found.text
    assert found.text.count("0.3 s") >= 1
    assert len([tag for tag, _ in found.tags if tag == "polyline"]) == 1


def test_the_page_stands_alone_and_runs_nothing(astronaut: Pixels) -> None:
    html = page(video(astronaut, [0.2, 0.3], "real"))
    tags = outline(html).tags
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in tags}
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]
    sources = [attrs[key] for _, attrs in tags for key in ("src", "href") if key in attrs]
    assert sources
    assert all(source and source.startswith(("data:image/jpeg;base64,", "#")) for source in sources)
    assert "url(" not in html
    assert "default-src 'none'" in html


def test_every_picture_has_words_and_headings_descend(astronaut: Pixels) -> None:
    tags = outline(page(video(astronaut, [0.5, 0.6], "undecided"), faceless())).tags
    assert all(attrs.get("alt") for tag, attrs in tags if tag == "img")
    drawn = [attrs for tag, attrs in tags if tag == "svg"]
    assert all(attrs.get("aria-hidden") or attrs["role"] == "img" for attrs in drawn)
    assert all(attrs.get("aria-hidden") or attrs["aria-label"] for attrs in drawn)
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_without_a_face_there_is_no_number() -> None:
    text = outline(page(faceless())).text
    assert "Undecided" in text
    assert "No face was found." in text
    assert words.NOTHING_MEASURED in text
    assert "%" not in text


def test_a_face_that_could_not_be_judged_is_shown_with_the_reason(astronaut: Pixels) -> None:
    face = FaceReport(0, None, None, "undecided", ("too_dark",))
    track = Track(0, (crop(astronaut, 0, 0.0, "too_dark"),))
    found = outline(page(Analysis(report_on("dark.jpg", face), (track,), {}, {}, ())))
    assert len([tag for tag, _ in found.tags if tag == "img"]) == 1
    assert "too dark to be judged" in found.text
    assert "%" not in found.text


def test_real_is_never_called_proven(astronaut: Pixels) -> None:
    assert "not a proof" in outline(page(video(astronaut, [0.1, 0.1], "real"))).text


def test_of_many_faces_the_extremes_are_among_those_shown(astronaut: Pixels) -> None:
    scores = [0.5] * 30
    scores[7], scores[22] = 0.83, 0.12
    found = outline(page(video(astronaut, scores, "undecided")))
    shown = re.findall(r"(\d+)%", "".join(re.findall(r"\n(\d+%)\n", found.text)))
    pictures = [attrs for tag, attrs in found.tags if tag == "img" and "Face of" in (attrs["alt"] or "")]
    assert 0.75 * MAX_SHOTS <= len(pictures) <= MAX_SHOTS
    assert {"83", "12"} <= set(shown)
    assert "of 30 scored frames" in found.text


def test_boxes_are_drawn_where_the_face_is_in_a_reduced_frame(astronaut: Pixels) -> None:
    analysis = video(astronaut, [0.9, 0.9])
    half = Thumbnail(np.ascontiguousarray(astronaut[::2, ::2]), 0.0, 0, 0.5)
    marks = [
        attrs
        for tag, attrs in outline(page(replace(analysis, thumbnails=(half,)))).tags
        if tag == "rect" and attrs.get("class") == "mark fake"
    ]
    assert [(m["x"], m["y"], m["width"], m["height"]) for m in marks] == [("85.0", "30.0", "55.0", "75.0")]


def test_names_of_files_can_do_no_harm() -> None:
    name = "<script>alert(1)</script>\u202egpj.\x1b[31m{{ 7*7 }}\udcff.jpg"
    made = Page(MADE)
    made.add(faceless(name))
    made.add_problem(Problem(name, "not_media", f"{name} is no picture"))
    html = made.html()
    html.encode("utf-8")
    assert "script" not in {tag for tag, _ in outline(html).tags}
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "{{ 7*7 }}" in html


def test_files_that_failed_are_listed_beside_those_judged(astronaut: Pixels) -> None:
    made = Page(MADE)
    made.add(video(astronaut, [0.9, 0.8]))
    made.add_problem(Problem("notes.jpg", "not_media", "expected an image, received text"))
    text = outline(made.html()).text
    assert "Report on 2 files" in text
    assert "expected an image, received text" in text


def test_a_page_replaces_an_older_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("old")
    made = Page(MADE)
    made.add(faceless())
    made.write(target)
    assert target.read_text("utf-8") == made.html()
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)


def test_a_page_that_fails_leaves_the_older_one_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.mkdir()
    made = Page(MADE)
    made.add(faceless())
    with pytest.raises(OSError, match=r"report\.html"):
        made.write(target)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_pictures_are_kept_and_pixels_are_not(astronaut: Pixels) -> None:
    html = page(video(astronaut, [0.9] * 32))
    assert len(html) < 800_000
