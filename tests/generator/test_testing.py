"""The contract: an honest method passes, and each broken rule is named."""

import random

import cv2
import numpy as np
import pytest

from catchlight.detector import landmarks as lm
from catchlight.detector.errors import ContractError, UnknownName
from catchlight.generator import testing
from catchlight.generator.testing import check_method, sample_portrait
from catchlight.generator.types import Forgery


def lower_half(target):
    mask = np.zeros(target.image.shape[:2], np.float32)
    mask[len(mask) // 2 :] = 1
    return mask


def noisy(target, rng):
    """The lower half in noise."""
    mask, image = lower_half(target), target.image.copy()
    noise = rng.integers(0, 256, image.shape).astype(np.uint8)
    image[mask > 0] = noise[mask > 0]
    return Forgery(image, mask)


def honest(target, source, rng):
    return noisy(target, rng)


def mirror(target, source, rng):
    """Nothing is random: the lower half upside down."""
    mask = lower_half(target)
    return Forgery(np.where(mask[..., None] > 0, target.image[::-1], target.image), mask)


def warm(image):
    return np.clip(image * np.array([1.1, 1.0, 0.85]) + 8, 0, 255).astype(np.uint8)


def relit(target, source, rng):
    """Surroundings in other light are still the surroundings, if their real partner is relit with them."""
    forged = noisy(target, rng)
    return Forgery(warm(forged.image), forged.mask, warm(target.image))


class NeedsSource:
    needs_source = True

    def __call__(self, target, source, rng):
        mask = lower_half(target)
        return Forgery(np.where(mask[..., None] > 0, source.image, target.image), mask)


class Dialled:
    """Noise over the lower half, the less the harder."""

    family = "noise_2"

    def __init__(self, hardness=None):
        self.hardness = hardness

    def __call__(self, target, source, rng):
        made, much = noisy(target, rng), 1 - 0.9 * (self.hardness or 0)
        mixed = target.image * (1 - much) + made.image * much
        return Forgery(mixed.astype(np.uint8), made.mask)


@pytest.mark.parametrize("method", [honest, mirror, relit, NeedsSource, NeedsSource(), Dialled])
def test_honest_methods_pass(method):
    check_method(method)


def unkeyed(target, source, rng):
    return noisy(target, np.random.default_rng())


def deaf(target, source, rng):
    rng.random()
    return noisy(target, np.random.default_rng(1))


def worldly(target, source, rng):
    np.random.rand()
    return noisy(target, rng)


def worldly_too(target, source, rng):
    random.random()
    return noisy(target, rng)


def greedy(target, source, rng):
    target.image[:4] += 1
    return noisy(target, rng)


def greedy_with_source(target, source, rng):
    if source is not None:
        source.landmarks[0] += 1
    return noisy(target, rng)


def floating(target, source, rng):
    forged = noisy(target, rng)
    return Forgery(forged.image / 255, forged.mask)


def halved(target, source, rng):
    forged = noisy(target, rng)
    return Forgery(forged.image[::2, ::2], forged.mask)


def deep_mask(target, source, rng):
    forged = noisy(target, rng)
    return Forgery(forged.image, np.repeat(forged.mask[..., None], 3, axis=2))


def loud_mask(target, source, rng):
    forged = noisy(target, rng)
    return Forgery(forged.image, forged.mask * 255)


def nan_mask(target, source, rng):
    forged = noisy(target, rng)
    return Forgery(forged.image, forged.mask * np.float32(np.nan))


def no_mask(target, source, rng):
    forged = noisy(target, rng)
    return Forgery(forged.image, forged.mask * 0)


def small_mask(target, source, rng):
    forged = noisy(target, rng)
    mask = forged.mask.copy()
    mask[: len(mask) * 3 // 4] = 0
    return Forgery(forged.image, mask)


def relit_in_secret(target, source, rng):
    forged = noisy(target, rng)
    return Forgery(warm(forged.image), forged.mask)


def shifted(target, source, rng):
    forged = noisy(target, rng)
    image, real = (np.roll(a, len(a) // 10, axis=1) for a in (forged.image, target.image))
    return Forgery(np.where(forged.mask[..., None] > 0, image, real), forged.mask, real)


def bare(target, source, rng):
    forged = noisy(target, rng)
    return forged.image, forged.mask


def only_small(target, source, rng):
    forged = noisy(target, rng)
    return forged if len(forged.mask) < 200 else Forgery(cv2.resize(forged.image, (200, 200)), forged.mask)


class Shouting(Dialled):
    family = "Face Swap"


class StuckDial(Dialled):
    def __call__(self, target, source, rng):
        made = noisy(target, rng)
        return Forgery(made.image, made.mask * 2 if self.hardness == 1 else made.mask)


@pytest.mark.parametrize(
    ("method", "rule"),
    [
        (unkeyed, "the same key must give the same pixels"),
        (deaf, "another key must give another picture"),
        (worldly, "global generators"),
        (worldly_too, "global generators"),
        (greedy, "must leave its portraits as they were"),
        (greedy_with_source, "must leave its portraits as they were"),
        (floating, r"image must be uint8 of shape \(64, 64, 3\); received float64"),
        (halved, r"image must be uint8 .* received uint8 \(32, 32, 3\)"),
        (deep_mask, r"mask must be float32 of shape \(64, 64\); received float32 \(64, 64, 3\)"),
        (loud_mask, "mask must be from 0 to 1; received 0.0 to 255.0"),
        (nan_mask, "mask must be from 0 to 1"),
        (no_mask, "mask must not be empty"),
        (small_mask, "where the mask is 0 the forgery must equal the target"),
        (relit_in_secret, "where the mask is 0 the forgery must equal the target"),
        (shifted, "where the mask is 0 the target must still be seen"),
        (only_small, r"image must be uint8 of shape \(256, 256, 3\)"),
        (bare, r"must return a Forgery\(image, mask\); received a tuple"),
        (Shouting, "family must be a name in lower case.* received 'Face Swap'"),
        (StuckDial, "mask must be from 0 to 1; received 0.0 to 2.0"),
        (7, "received a int, which can't be called"),
    ],
)
def test_a_broken_rule_is_named(method, rule):
    with pytest.raises(ContractError, match=rule):
        check_method(method)


def test_an_unknown_name_is_told_as_such():
    with pytest.raises(UnknownName):
        check_method("no_such_method")


@pytest.mark.parametrize("side", testing.SIDES)
def test_sample_portraits_are_people_of_their_own(side):
    faces = [sample_portrait(side, seed) for seed in (1, 2)]
    for face in faces:
        assert (face.image.shape, face.image.dtype) == ((side, side, 3), np.uint8)
        assert (face.landmarks.shape, face.landmarks.dtype) == ((lm.COUNT, 2), np.float32)
        assert face.landmarks.min() > 0
        assert face.landmarks.max() < side
        assert abs(lm.roll(face.landmarks)) < 0.2
    assert not np.array_equal(faces[0].image, faces[1].image)
    assert np.array_equal(faces[0].image, sample_portrait(side, 1).image)


def test_a_sample_portrait_shows_dark_irises_in_light_eyes():
    face = sample_portrait(256)
    grey = cv2.cvtColor(face.image, cv2.COLOR_RGB2GRAY).astype(int)
    for iris, corner in ((468, 133), (473, 362)):
        pupil, white = (face.landmarks[iris] * [w, 1] for w in (1, 1)), face.landmarks[corner]
        (x, y), _ = pupil
        assert (
            grey[round(y), round(x)] < grey[round(float(white[1])), round((float(white[0]) * 2 + x) / 3)] - 40
        )
