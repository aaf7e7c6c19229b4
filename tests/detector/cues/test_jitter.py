"""Trembling of known size is recovered; smooth motion and a still face have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.cues.jitter import Jitter
from catchlight.detector.cues.testing import drawn_person

EYES = 150 / 2.25  # px between the eyes of a drawn face


@pytest.mark.parametrize("size", [0.3, 1.0])
def test_known_trembling_is_recovered(size):
    person = drawn_person(seconds=8.0)
    noise = np.random.default_rng(0).normal(0, size, person.landmarks.shape)
    cue = Jitter().measure(replace(person, landmarks=(person.landmarks + noise).astype(np.float32)))
    # Middle minus the mean of two neighbours has 1.5 times the variance, in two directions; some is fitted away.
    assert cue.value == pytest.approx(1000 * size * np.sqrt(3) / EYES, rel=0.2)


def test_smooth_motion_is_no_jitter():
    person = drawn_person(seconds=8.0)
    drift = 40 * np.sin(person.times)[:, None, None] * np.ones((1, 1, 2))
    assert (
        Jitter().measure(replace(person, landmarks=(person.landmarks + drift).astype(np.float32))).value < 0.1
    )


def test_a_trembling_clip_stands_out_from_a_still_one(portrait, encode, person_in):
    import cv2

    image = cv2.resize(portrait.image, (256, 256), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:256, 0:256].astype(np.float32)

    def trembling(pixels: float) -> list[np.ndarray]:
        images = []
        for _ in range(50):
            field = cv2.resize(
                rng.normal(0, pixels, (5, 5, 2)).astype(np.float32), (256, 256), interpolation=cv2.INTER_CUBIC
            )
            images.append(cv2.remap(image, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR))
        return images

    still, shaking = (Jitter().measure(person_in(encode(f"jitter{n}.mp4", trembling(n)))) for n in (0, 2.5))
    assert shaking.value > 5 * still.value
    assert shaking.value > 5


@pytest.mark.parametrize(("options", "reason"), [({"rate": 5.0}, "too few"), ({"width": 24.0}, "px apart")])
def test_what_cannot_be_measured_says_why(options, reason):
    assert reason in Jitter().measure(drawn_person(seconds=8.0, **options)).reason
