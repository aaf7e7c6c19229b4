"""What hides eyes, mouth or nose is seen: a cue then says so, in place of what the network guesses behind it.

A photograph that sways a little and blinks at known moments, with glasses, bars and masks painted over it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from catchlight.detector.cues import measure, registry, seen
from catchlight.detector.landmarks import eye_centres
from catchlight.detector.pipeline import DetectConfig, Pipeline
from catchlight.detector.types import Cue

SIDE = 400  # px
COUNT = 38  # pictures: 3 s at 12.5 a second
BLINKS = (10, 24)  # numbers of the pictures in the middle of a blink
EYES = {"blink", "catchlight", "eyes", "mouth"}
SKIN = {"seam", "texture"}
UNDER_A_MASK = {"pose", "jitter", "seam", "light", "texture", "mouth"}


class Half:
    def score(self, crops):
        return np.full(len(crops), 0.5)


@pytest.fixture(scope="module")
def scene(portrait, with_lids):
    """Pictures of the person, and the landmarks in each."""
    closing = {0: 1.0, 1: 0.6}
    lids = {share: np.asarray(with_lids((share, share))) for share in (0.0, 0.6, 1.0)}
    lids = {
        share: cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for share, image in lids.items()
    }
    points = portrait.landmarks * np.float32(SIDE / 640)
    images, landmarks = [], []
    for number in range(COUNT):
        share = max((closing.get(abs(number - at), 0.0) for at in BLINKS), default=0.0)
        sway = np.array([3 * np.sin(number / 5), 2 * np.cos(number / 7)], np.float32)
        move = np.float32([[1, 0, sway[0]], [0, 1, sway[1]]])
        images.append(cv2.warpAffine(lids[share], move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE))
        landmarks.append(points + sway)
    return images, landmarks


def lenses(colour, strength=1.0, shine=0.0):
    """Glasses of a colour, with a rim; ``strength`` 0 is clear, ``shine`` is a bright stripe on each lens."""

    def paint(image, points):
        right, left = eye_centres(points)
        far = float(np.hypot(*(left - right)))
        lens, out = np.zeros(image.shape[:2], np.float32), image.astype(np.float32)
        places = [tuple(np.round(eye + np.array([0, 0.05 * far])).astype(int)) for eye in (right, left)]
        axes = (int(0.36 * far), int(0.3 * far))
        for place in places:
            cv2.ellipse(lens, place, axes, 0, 0, 360, (1.0,), -1, cv2.LINE_AA)
        x = np.arange(image.shape[1])
        stripe = shine * sum(np.exp(-(((x - place[0] - 8) / 8) ** 2)) for place in places)[None, :, None]
        out += (np.clip(np.array(colour) + stripe, 0, 255) - out) * lens[..., None] * strength
        painted = np.ascontiguousarray(out.astype(np.uint8))
        for place in places:
            cv2.ellipse(painted, place, axes, 0, 0, 360, (20, 16, 16), 4, cv2.LINE_AA)
        return painted

    return paint


def bar(one=False):
    """A black bar before both eyes, or before the right one."""

    def paint(image, points):
        right, left = eye_centres(points)
        far = float(np.hypot(*(left - right)))
        first = np.round(right - (0.45 * far, 0.25 * far)).astype(int)
        last = np.round((right if one else left) + (0.42 * far, 0.25 * far)).astype(int)
        return cv2.rectangle(image.copy(), tuple(first), tuple(last), (0, 0, 0), -1)

    return paint


def pixelated(image, points):
    """Blocks a seventh of the eyes' distance wide, as faces are made unknown."""
    right, left = eye_centres(points)
    far = float(np.hypot(*(left - right)))
    (x, y), (right_x, right_y) = (
        np.round(corner).astype(int)
        for corner in (right - np.array([0.45, 0.3]) * far, left + np.array([0.45, 0.3]) * far)
    )
    out, part = image.copy(), image[y:right_y, x:right_x]
    small = cv2.resize(part, (13, 4), interpolation=cv2.INTER_AREA)
    out[y:right_y, x:right_x] = cv2.resize(small, part.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return out


def mask(colour):
    """Cloth over nose, mouth and chin, with folds."""

    def paint(image, points):
        ring = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)
        hull = cv2.convexHull(points[[*ring, 323, 454, 195, 119, 348]])
        inside = cv2.fillConvexPoly(np.zeros(image.shape[:2], np.uint8), hull.astype(np.int32), 1) > 0
        folds = 10 * np.sin(np.arange(image.shape[0]) / 4)[:, None, None]
        cloth = np.clip(np.array(colour) + folds + np.zeros(image.shape), 0, 255).astype(np.uint8)
        return np.where(inside[..., None], cloth, image)

    return paint


def shut(image, points):
    """The eyes are covered by skin from below, with a dark line of lashes."""
    out = image.copy()
    for lids in (seen.RIGHT, seen.LEFT):
        ring = points[list(lids.upper + lids.lower[::-1])]
        tone = image[tuple(np.round(ring.mean(axis=0) + np.array([0, 22])).astype(int)[::-1])]
        hull = cv2.convexHull((ring - ring.mean(axis=0)) * np.float32(1.15) + ring.mean(axis=0))
        cv2.fillConvexPoly(out, hull.astype(np.int32), tuple(int(value) for value in tone))
        lower = np.round(points[list(lids.lower)]).astype(np.int32)
        cv2.polylines(out, [lower], False, (60, 40, 35), 2, cv2.LINE_AA)
    return cv2.GaussianBlur(out, (0, 0), 0.8)


def grey(image, points):
    return np.repeat(image[..., 1:2], 3, axis=2)


def mirrored(image, points):
    return np.ascontiguousarray(image[:, ::-1])


def plain(image, points):
    return image


@pytest.fixture(scope="module")
def cues_of(scene, watched) -> Callable[..., dict[str, Cue]]:
    """All cues of the person once something is painted over each picture."""
    images, landmarks = scene
    kept: dict[Callable[..., object], dict[str, Cue]] = {}

    def told(paint=plain):
        if paint not in kept:
            person = watched([paint(image, points) for image, points in zip(images, landmarks, strict=True)])
            meters = registry.meters(tuple(registry.BUILT_IN))
            kept[paint] = {name: measure.of_person(name, meter, person) for name, meter in meters.items()}
        return kept[paint]

    return told


def absent_for(cues, words):
    return {name for name, cue in cues.items() if words in (cue.reason or "")}


def test_nothing_is_hidden_where_nothing_is(cues_of):
    cues = cues_of()
    assert cues["blink"].details["count"] == len(BLINKS)
    assert not absent_for(cues, "can't be made out") | absent_for(cues, "covered")


@pytest.mark.parametrize(
    "paint",
    [
        lenses((18, 18, 22)),
        lenses((18, 18, 22), shine=170),
        lenses((120, 140, 160), shine=90),
        bar(),
        pixelated,
    ],
    ids=["dark", "dark and shiny", "mirroring", "a bar", "pixelated"],
)
def test_behind_what_hides_the_eyes_nothing_of_them_is_measured(cues_of, paint):
    cues = cues_of(paint)
    assert absent_for(cues, "can't be made out") >= (EYES - {"mouth"}) | SKIN
    assert cues["mouth"].status == "not_applicable"
    assert (cues["pose"].quality or 0) < measure.TRUSTED  # its landmarks at the eyes are guessed


def test_one_hidden_eye_is_enough(cues_of):
    cues = cues_of(bar(one=True))
    assert absent_for(cues, "one of the eyes can't be made out") == {"blink", "catchlight", "eyes"}


def test_closed_eyes_do_not_blink(cues_of):
    cues = cues_of(shut)
    for name in ("blink", "catchlight", "eyes"):
        assert "closed" in cues[name].reason


@pytest.mark.parametrize(
    "colour", [(150, 190, 215), (238, 238, 238), (25, 25, 28)], ids=["blue", "white", "black"]
)
def test_under_a_mask_only_the_eyes_are_measured(cues_of, colour):
    cues = cues_of(mask(colour))
    assert absent_for(cues, "mouth and nose are covered") == UNDER_A_MASK
    assert cues["blink"].details["count"] == len(BLINKS)


@pytest.mark.parametrize("paint", [lenses((0, 0, 0), 0.0), lenses((60, 50, 40), 0.35), grey, mirrored])
def test_clear_glasses_black_and_white_and_mirrors_hide_no_blink(cues_of, paint):
    cues = cues_of(paint)
    assert cues["blink"].details["count"] == len(BLINKS)
    assert cues["pose"].value == pytest.approx(cues_of()["pose"].value, abs=3)
    if paint is grey:
        assert absent_for(cues, "black and white") == {"seam", "light"}


def test_an_uneven_rate_hides_no_blink(scene, watched):
    times = np.arange(COUNT) / 12.5 + 0.02 * np.sin(np.arange(COUNT) * 7.0)
    cue = registry.create("blink").measure(watched(scene[0], times))
    assert cue.details["count"] == len(BLINKS)


def test_of_a_tiny_face_nothing_is_measured_that_pixels_do_not_hold(scene, watched):
    images, _ = scene
    tiny = [
        cv2.copyMakeBorder(cv2.resize(image, (90, 90), interpolation=cv2.INTER_AREA), *[60] * 4, 0)
        for image in images
    ]
    person = watched(tiny)
    cues = {name: registry.create(name).measure(person) for name in registry.BUILT_IN}
    assert {name for name, cue in cues.items() if cue.status == "ok"} <= {"blink", "jitter", "pose", "light"}
    assert all((cue.quality or 0) < 0.7 for cue in cues.values())


def test_the_report_says_why_blinks_were_not_counted(scene, encode):
    images, landmarks = scene
    dark = lenses((18, 18, 22))
    clip = encode(
        "dark.mp4", [dark(image, points) for image, points in zip(images, landmarks, strict=True)], rate=13
    )
    with Pipeline(DetectConfig(cues=("blink", "pose")), Half()) as pipeline:
        report = pipeline.analyse(clip).report
    assert report.faces[0].cues["blink"] == Cue("not_applicable", reason=seen.HIDDEN)


def test_lids_that_seem_to_meet_while_the_iris_is_seen_are_no_blink(blinker):
    awake = replace(blinker, eyes=np.full_like(blinker.eyes, 0.6))
    assert registry.create("blink").measure(blinker).details["count"] == 4
    assert registry.create("blink").measure(awake).details["count"] == 0


def test_an_eye_is_as_much_an_eye_at_any_size_and_in_the_mirror(portrait):
    values = seen.eyes(portrait.image, portrait.landmarks)
    assert values.min() > 0.4
    for size in (160, 320, 1280):
        scaled = cv2.resize(portrait.image, (size, size), interpolation=cv2.INTER_AREA)
        points = portrait.landmarks * np.float32(size / 640)
        assert seen.eyes(scaled, points) == pytest.approx(values, abs=0.12)
    assert np.abs(seen.eyes(np.full_like(portrait.image, 90), portrait.landmarks)).max() == 0


def test_landmarks_outside_the_picture_or_in_one_point_are_no_error(portrait):
    for points in (portrait.landmarks + 5000, np.full_like(portrait.landmarks, 50)):
        assert np.isfinite(seen.eyes(portrait.image, points)).all()
        assert not seen.is_covered(portrait.image, points)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("camera__cv_gcrShVOKnAA_4_1", "can't be made out"),  # sunglasses that mirror
        ("camera__cv_B16Hv59sixs_14_0", "can't be made out"),  # looks down all the time
        ("camera__cv_cdKyehfK2TY_38_0", "turned so far"),  # in profile
    ],
)
def test_real_clips_of_hidden_eyes(name, reason, shared_data, person_in):
    cue = registry.create("blink").measure(person_in(shared_data / "clips" / f"{name}.mp4"))
    assert reason in cue.reason
