"""Sentences say what was measured, and only that."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector import reasons
from catchlight.detector.align import cut
from catchlight.detector.calibrate import Judgement, judge
from catchlight.detector.quality import measure
from catchlight.detector.types import Box, Crop, FaceReport, FrameScore, Media, Track

VIDEO = Media("video", 640, 480, 4.0, 100, "mp4", "h264")
IMAGE = Media("image", 640, 480, 0.0, 1, "jpeg", "jpeg")
ORDINARY_SIZE = 2_000_000


@pytest.fixture(scope="module")
def crop(astronaut, astronaut_face):
    image, landmarks = cut(astronaut, astronaut_face.landmarks, 224)
    return Crop(image, landmarks, astronaut_face, 0, 0.0, measure(image, landmarks, astronaut_face))


def scored(*values, width=100.0):
    return tuple(FrameScore(i / 4, i, Box(0, 0, width, width), p, 0.9) for i, p in enumerate(values))


def heat_at(crop, points, radius=1.5, side=16):
    """A heatmap that glows around some landmarks."""
    down, across = np.mgrid[0:side, 0:side] + 0.5
    at = crop.landmarks[list(points)] * side / crop.image.shape[0]
    near = [(across - x) ** 2 + (down - y) ** 2 < radius**2 for x, y in at]
    return np.where(np.any(near, axis=0), 0.9, 0.05).astype(np.float32)


@pytest.mark.parametrize(
    ("points", "region"),
    [
        (lm.LIPS, "the mouth"),
        ((*lm.LEFT_EYE, *lm.RIGHT_EYE), "the eyes"),
        (lm.JAW, "the jaw line"),
        ((lm.NOSE_TIP,), "the nose"),
    ],
)
def test_heat_is_found_in_the_region_where_it_lies(crop, points, region):
    assert reasons.hot_region([crop], heat_at(crop, points)[None]) == region


def test_heat_all_over_the_face_names_no_region(crop):
    face = heat_at(crop, range(468), radius=1.0)
    assert reasons.hot_region([crop], face[None]) == reasons.WHOLE


def test_heat_that_is_everywhere_or_outside_names_nothing(crop):
    even = np.full((1, 16, 16), 0.4, np.float32)
    outside = np.where(heat_at(crop, range(468), radius=2.0)[None] > 0.5, 0.05, 0.9).astype(np.float32)
    assert reasons.hot_region([crop], even) is None
    assert reasons.hot_region([crop], outside) is None


def explain(crop, calibration, scores, kind="video", heat=lm.LIPS):
    crops = tuple(replace(crop, index=i, time=i / 4) for i in range(len(scores)))
    heatmaps = np.stack([heat_at(crop, heat)] * len(scores))
    judgement = judge(np.array(scores), kind, calibration)
    track, frames = Track(0, crops), scored(*scores)
    return judgement.verdict, reasons.of_person(frames, track, heatmaps, judgement, kind, calibration)


def test_a_fake_clip_tells_how_many_frames_and_where(crop, calibration):
    verdict, why = explain(crop, calibration, [0.97, 0.96, 0.98, 0.95, 0.9, 0.97, 0.2, 0.96])
    assert verdict == "fake"
    assert why == ("7 of 8 frames look more like a forgery", "what looks forged lies mostly in the mouth")


def test_a_real_clip_tells_no_place(crop, calibration):
    verdict, why = explain(crop, calibration, [0.02] * 8)
    assert (verdict, why) == ("real", ("8 of 8 frames look more like a real face",))


def test_an_undecided_clip_says_first_why(crop, calibration):
    verdict, why = explain(crop, calibration, [0.45, 0.55] * 4)
    assert verdict == "undecided"
    assert "includes both answers" in why[0]
    assert why[1] == "4 of 8 frames lean to a forgery"


@pytest.mark.parametrize(("score", "kind"), [(0.55, "image"), (0.6, "video"), (0.45, "image")])
def test_who_is_not_called_fake_is_not_told_to_look_forged(crop, calibration, score, kind):
    """Lists of reasons are read without their verdict, and harm the person then."""
    verdict, why = explain(crop, calibration, [score] * (1 if kind == "image" else 8), kind)
    assert verdict == "undecided"
    assert not any("looks forged" in reason or "look more like" in reason for reason in why)
    assert any("lean" in reason for reason in why)


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (0.38, "38% of the 200 real people that it was calibrated on score as high"),
        (0.0151, "1.5% of the 200 real people that it was calibrated on score as high"),
        (0.0, "none of the 200 real people that it was calibrated on scores as high"),
    ],
)
def test_a_leaning_is_told_beside_how_many_real_people_lean_so(crop, calibration, share, said):
    judgement = Judgement(0.66, (0.58, 0.73), "undecided", share)
    why = reasons.of_person(scored(0.6), Track(0, (crop,)), None, judgement, "image", calibration)
    assert why[1:] == ("the face leans to a forgery", said)
    towards_real = replace(judgement, p_fake=0.34)
    assert said not in reasons.of_person(
        scored(0.3), Track(0, (crop,)), None, towards_real, "image", calibration
    )


@pytest.mark.parametrize(
    ("judgement", "said"),
    [
        (
            Judgement(0.66, (0.58, 0.73), "undecided"),
            "66.0% is not enough for fake, which begins above 70.0%",
        ),
        (
            Judgement(0.69996, (0.61, 0.77), "undecided"),
            "69.996% is not enough for fake, which begins above 70.000%",
        ),
        (
            Judgement(0.34, (0.27, 0.42), "undecided"),
            "34.0% is not enough for real, which begins below 30.0%",
        ),
    ],
)
def test_what_is_short_of_a_bound_names_it(crop, calibration, judgement, said):
    why = reasons.of_person(scored(0.6), Track(0, (crop,)), None, judgement, "image", calibration)
    assert why[0] == said


def test_where_nothing_is_called_real_it_is_told_why(crop, calibration):
    careful = replace(calibration, image=replace(calibration.image, real_below=0.0))
    judgement = judge(np.array([0.02]), "image", careful)
    assert judgement.verdict == "undecided"
    why = reasons.of_person(scored(0.02), Track(0, (crop,)), None, judgement, "image", careful)
    assert "leans to real, but this detector calls no photograph real" in why[0]


def test_a_medium_has_the_reasons_of_who_decided_it():
    real = FaceReport(0, 0.1, (0.0, 0.2), "real", ("calm",))
    fake = FaceReport(1, 0.9, (0.8, 1.0), "fake", ("seam",))
    worse = FaceReport(2, 0.99, (0.9, 1.0), "fake", ("worse seam",))
    assert reasons.of_medium("real", [real]) == ("calm",)
    assert reasons.of_medium("fake", [real, fake, worse]) == ("person 3: worse seam",)
    assert reasons.of_medium("undecided", []) == ("no_face",)
    blurred = FaceReport(1, None, None, "undecided", ("too_blurred",))
    assert reasons.of_medium("undecided", [blurred, blurred]) == ("too_blurred",)


def test_why_not_is_the_most_frequent_problem(crop):
    def with_problem(problem):
        return replace(crop, quality=replace(crop.quality, problem=problem))

    crops = [with_problem(p) for p in ("too_dark", "face_too_small", "too_dark")]
    assert reasons.why_not(crops) == "too_dark"
    assert reasons.why_not([]) == "no_face"


def warned(media=VIDEO, size=ORDINARY_SIZE, sampled=16, frames=None, left_out=(), strays=()):
    face = FaceReport(0, 0.1, (0.0, 0.2), "real", (), frames or scored(*[0.1] * 16))
    return reasons.warnings(media, size, sampled, [face], left_out, strays)


def test_an_ordinary_medium_has_no_warnings():
    assert warned() == ()
    assert warned(media=IMAGE, size=100_000, sampled=1, frames=scored(0.1)) == ()


def test_each_weakness_is_told(crop):
    small = replace(crop, quality=replace(crop.quality, problem="face_too_small", width=21.4))
    assert "strong compression (0.005 bits a pixel)" in warned(size=20_000)[0]
    assert "only 5 of 16 sampled frames" in warned(frames=scored(*[0.1] * 5))[0]
    assert "scored in few frames (5)" in warned(frames=scored(*[0.1] * 5))[1]
    assert "1 too small (the widest is 21 px wide)" in warned(left_out=(small,))[0]
    assert "at 0.0 s was taken for a false detection" in warned(strays=(Track(9, (crop,)),))[0]
    assert "the face is small (50 px wide)" in warned(frames=scored(*[0.1] * 16, width=50.0))[0]
    assert "the frames disagree" in warned(frames=scored(*[0.05] * 8, *[0.95] * 8))[0]


def test_warnings_about_one_of_several_people_name_the_person():
    faces = [
        FaceReport(i, 0.1, (0.0, 0.2), "real", (), scored(*[0.1] * 16, width=w))
        for i, w in enumerate((99, 50))
    ]
    (only,) = reasons.warnings(VIDEO, ORDINARY_SIZE, 16, faces, (), ())
    assert only.startswith("person 2: the face is small")
