"""Colour matching: what each step promises to make equal is equal afterwards."""

import numpy as np
import pytest

from catchlight.datasets import degrade
from catchlight.generator import masks
from catchlight.generator.post import colour
from catchlight.generator.types import key


@pytest.fixture(scope="module")
def core(portrait):
    return masks.hull("whole", portrait.landmarks, portrait.image.shape[0], key(1, "core"))


@pytest.fixture(scope="module")
def tinted(portrait):
    """The face in muted, bluish light: nothing of it is clipped, so that all can be matched."""
    return np.clip(portrait.image * np.array([0.55, 0.65, 0.8]) + (20, 30, 45), 0, 255).astype(np.uint8)


def statistics(image, mask):
    pixels = image[mask > 0.5].astype(float)
    return pixels.mean(axis=0), np.cov(pixels.T)


def apart(a, b, mask):
    return np.abs(a[mask > 0.5].astype(float) - b[mask > 0.5]).mean()


@pytest.mark.parametrize("name", colour.MATCHES)
def test_every_match_brings_the_face_back_to_its_light(name, portrait, tinted, core):
    made = colour.MATCHES[name](tinted, portrait.image, core)
    assert (made.shape, made.dtype) == (tinted.shape, np.uint8)
    assert apart(made, portrait.image, core) < 0.2 * apart(tinted, portrait.image, core)


def test_mean_makes_means_equal_and_moves_all_pixels_alike(tinted, core):
    other = degrade.hue(tinted, 10, 1.1)
    made = colour.mean(tinted, other, core)
    assert statistics(made, core)[0] == pytest.approx(statistics(other, core)[0], abs=0.6)
    assert np.ptp(made.astype(int) - tinted, axis=(0, 1)).max() <= 1


def test_mean_std_makes_lab_moments_equal(portrait, tinted, core):
    import cv2

    made, wanted = (
        cv2.cvtColor(p, cv2.COLOR_RGB2LAB)
        for p in (colour.mean_std(tinted, portrait.image, core), portrait.image)
    )
    (mean, spread), (wanted_mean, wanted_spread) = statistics(made, core), statistics(wanted, core)
    assert mean == pytest.approx(wanted_mean, abs=1.5)
    assert np.sqrt(np.diag(spread)) == pytest.approx(np.sqrt(np.diag(wanted_spread)), abs=1.5)


def test_mkl_makes_mean_and_covariance_equal(portrait, tinted, core):
    made = colour.mkl(tinted, portrait.image, core)
    (mean, spread), (wanted_mean, wanted_spread) = (statistics(p, core) for p in (made, portrait.image))
    assert mean == pytest.approx(wanted_mean, abs=2)
    assert spread == pytest.approx(wanted_spread, rel=0.1)


def test_histogram_makes_distributions_equal(portrait, tinted, core):
    made = colour.histogram(tinted, portrait.image, core)
    for channel in range(3):
        levels = [np.sort(p[core > 0.5][:, channel].astype(int)) for p in (made, portrait.image)]
        assert np.abs(levels[0] - levels[1]).mean() < 1.5


@pytest.mark.parametrize("name", [*colour.MATCHES, "mean"])
def test_a_picture_keeps_its_own_colours(name, portrait, core):
    made = getattr(colour, name)(portrait.image, portrait.image, core)
    assert np.abs(made.astype(int) - portrait.image).mean() < 1.5


@pytest.mark.parametrize("name", [*colour.MATCHES, "mean"])
def test_an_empty_mask_and_a_plain_wall_do_not_break_it(name, portrait, core):
    wall = np.full_like(portrait.image, 120)
    for image, mask in ((portrait.image, np.zeros_like(core)), (wall, core)):
        made = getattr(colour, name)(image, portrait.image, mask)
        assert (made.shape, made.dtype) == (image.shape, np.uint8)


def test_towards_goes_all_the_way_or_a_part_of_it():
    here, there = np.full((2, 2, 3), 40, np.uint8), np.full((2, 2, 3), 140, np.uint8)
    assert [int(colour.towards(here, there, amount)[0, 0, 0]) for amount in (0, 0.25, 1)] == [40, 65, 140]


def test_coarse_light_and_colour_are_matched_and_fine_detail_is_kept(astronaut):
    face = astronaut[16:208, 128:320]
    tinted = face + np.array([40.0, -25, 10], np.float32)
    assert np.abs(colour.coarse(tinted, face).astype(int) - face).max() <= 1
    grain = np.random.default_rng(1).normal(0, 8, face.shape).astype(np.float32)
    kept = colour.coarse(face + grain, face).astype(float) - face
    assert np.corrcoef(kept.ravel(), grain.ravel())[0, 1] > 0.9
