"""What a handling changes is told medium by medium: same media before and after, lost ones apart."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.pipeline import DetectConfig, Pipeline
from catchlight.serve import benchmark, handled
from catchlight.serve.benchmark import Result
from catchlight.serve.handling import HANDLINGS


def result(name, label, p_fake, verdict="undecided", kind="image"):
    return Result(name, label, "swap" if label == "fake" else "photo", name, kind, p_fake, verdict)


BEFORE = [
    *(result(f"f{i}", "fake", p, "fake") for i, p in enumerate((0.9, 0.8, 0.7))),
    *(result(f"r{i}", "real", p) for i, p in enumerate((0.1, 0.2, 0.5))),
]


def after(probabilities, verdicts=("undecided",) * 6):
    return [
        result(old.path, old.label, p, verdict)
        for old, p, verdict in zip(BEFORE, probabilities, verdicts, strict=True)
    ]


def test_a_handling_that_turns_the_order_round_costs_all_of_the_auc():
    (line,) = handled.compare(BEFORE, after((0.1, 0.2, 0.3, 0.9, 0.8, 0.7)), "half")
    assert line.mean == (0.0, 1.0)
    assert line.change is not None
    assert line.change.value == -1.0
    assert line.media == 6
    assert line.shift == pytest.approx(2 * np.log(4))


def test_what_cannot_be_judged_any_more_is_counted_and_left_out_on_both_sides():
    (line,) = handled.compare(BEFORE, after((0.9, 0.8, None, 0.1, 0.2, None)), "half")
    assert (line.media, line.lost) == (4, 2)
    assert line.mean == (1.0, 1.0)


def test_verdicts_that_turn_and_false_alarms_are_counted():
    verdicts = ("fake", "undecided", "fake", "fake", "undecided", "undecided")
    (line,) = handled.compare(BEFORE, after((0.9, 0.8, 0.7, 0.1, 0.2, 0.5), verdicts), "half")
    assert line.turned == 2
    assert line.false_alarms == (1, 0)


def test_stills_and_clips_have_lines_of_their_own():
    clips = [result("c0", "fake", 0.9, kind="video"), result("c1", "real", 0.2, kind="video")]
    lines = handled.compare([*BEFORE, *clips], [*BEFORE, *clips], "half")
    assert [(line.kind, line.media) for line in lines] == [("image", 6), ("video", 2)]
    assert lines[1].mean is lines[1].change is None  # one of each class says nothing
    assert lines[0].shift == 0.0


def test_markdown_has_the_value_before_beside_the_one_after():
    text = handled.to_markdown(handled.compare(BEFORE, after((0.9, 0.4, 0.3, 0.1, 0.2, 0.5)), "crf35"))
    assert "| crf35 | image | 6 | 0 | 0.778 (1.000) | -0.222 [" in text
    assert text.rstrip().endswith("| 3 | +0.00 |")


def test_a_run_resumes_and_leaves_out_what_had_no_probability(tmp_path, astronaut):
    Image.fromarray(astronaut).save(tmp_path / "face.png")
    plain = [
        Result("face.png", "real", "photo", "ann", "image", 0.4, "undecided"),
        Result("none.png", "real", "photo", "bob", "image", None, "failed", "no file"),
        Result("clip.mp4", "real", "photo", "eve", "video", 0.4, "undecided"),
    ]
    log = tmp_path / "log.jsonl"
    with Pipeline(DetectConfig(cues=())) as pipeline:
        found = handled.run(pipeline, tmp_path, plain, log, HANDLINGS["jpeg40"])
        (judged,) = found
        assert (judged.path, judged.label, judged.group, judged.kind) == ("face.png", "real", "ann", "image")
        assert judged.p_fake is not None
        direct = benchmark.judge(pipeline, tmp_path, benchmark.Row("face.png", "real", "photo", "ann"))
        assert judged.p_fake != direct.p_fake  # it was the handled file that was judged
        before = log.read_text()
        assert handled.run(pipeline, tmp_path, plain, log, HANDLINGS["jpeg40"]) == found
    assert log.read_text() == before


def test_a_medium_that_breaks_on_the_way_is_told_and_stops_nothing(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    plain = [Result("broken.png", "real", "photo", "ann", "image", 0.4, "undecided")]
    with Pipeline(DetectConfig(cues=())) as pipeline:
        (found,) = handled.run(pipeline, tmp_path, plain, tmp_path / "log.jsonl", HANDLINGS["half"])
    assert (found.verdict, found.p_fake) == ("failed", None)
    assert "broken.png" in found.error
