"""Each degradation keeps shape and type, does what it says, and is repeatable."""

import hashlib

import numpy as np
import pytest

from catchlight.datasets import degrade
from catchlight.datasets.degrade import STEPS, Step
from catchlight.detector.errors import UnknownName

VALUES = {
    "jpeg": (30,),
    "h264": (35,),
    "resize": (0.4, 1),
    "blur": (1.5,),
    "noise": (6, 3),
    "grain": (6, 3),
    "tone": (15, 1.1, 0.8),
    "hue": (20, 1.3),
    "grey": (),
    "sharpen": (0.8, 1.2),
    "screenshot": (1.4, 1.05, 0.5, 85),
    "messenger": (100, 70, 2),
    "website": (0.6, 60),
}
OF_APPS = {"sharpen", "screenshot", "messenger"}
BY_ITSELF = {"website"}
OF_DARKNESS = {"grain"}


@pytest.fixture(scope="module")
def face(astronaut):
    return np.ascontiguousarray(astronaut[30:193, 150:311])  # odd sides: codecs want even ones


def apart(a, b):
    return float(np.abs(a.astype(int) - b).mean())


def keyed(seed):
    return np.random.Generator(np.random.Philox(seed))


@pytest.mark.parametrize("name", STEPS)
def test_step_changes_the_picture_but_not_its_shape(name, face):
    before = face.copy()
    made = degrade.apply(face, (Step(name, VALUES[name]),))
    assert (made.shape, made.dtype) == (face.shape, np.uint8)
    assert np.array_equal(face, before)
    assert 0.3 < apart(made, face) < 60
    assert np.array_equal(made, degrade.apply(face, (Step(name, VALUES[name]),)))


@pytest.mark.parametrize(
    ("name", "weak", "strong"),
    [
        ("jpeg", 95, 20),
        ("h264", 18, 40),
        ("resize", 0.9, 0.3),
        ("blur", 0.5, 3),
        ("noise", 1, 9),
        ("grain", 1, 9),
        ("sharpen", 0.2, 1.5),
        ("screenshot", 1.3, 0.4),
        ("messenger", 150, 60),
    ],
)
def test_a_stronger_step_takes_more(name, weak, strong, face):
    little, much = (degrade.apply(face, (Step(name, (value,)),)) for value in (weak, strong))
    assert apart(little, face) < apart(much, face)


def test_steps_do_what_their_names_say(face):
    assert degrade.tone(face, 20, 1.0, 1.0).mean() - face.mean() == pytest.approx(20, abs=4)
    assert np.ptp(degrade.grey(face), axis=2).max() == 0
    assert degrade.blur(face, 2).std() < face.std()
    assert (degrade.noise(face, 9, 1).astype(float) - face).std() == pytest.approx(9, rel=0.15)
    assert not np.array_equal(degrade.noise(face, 9, 1), degrade.noise(face, 9, 2))
    turned = degrade.hue(np.full((4, 4, 3), (200, 40, 40), np.uint8), 60, 1.0)
    assert turned[0, 0].argmax() == 1  # red becomes green


def test_sharpening_adds_detail_and_nothing_else_to_a_plain_wall(face):
    assert (
        np.abs(np.diff(degrade.sharpen(face, 1.0).astype(int), axis=1)).mean()
        > 1.2 * np.abs(np.diff(face.astype(int), axis=1)).mean()
    )
    wall = np.full((20, 20, 3), 77, np.uint8)
    assert np.array_equal(degrade.sharpen(wall, 1.0), wall)


def test_a_screenshot_without_a_change_of_grid_or_colour_only_sharpens(face):
    assert apart(degrade.screenshot(face, 1.0), degrade.sharpen(face, 0.3, 0.8)) < 1.0


def test_a_lost_profile_makes_colours_paler_but_keeps_greys():
    grey, red = np.full((16, 16, 3), 140, np.uint8), np.full((16, 16, 3), (210, 40, 40), np.uint8)
    assert apart(degrade.screenshot(grey, 1.0, 1.0, 1.0), grey) <= 1
    assert (
        np.ptp(degrade.screenshot(red, 1.0, 1.0, 1.0)[8, 8].astype(int)) < np.ptp(red[8, 8].astype(int)) - 20
    )


def test_a_screenshot_is_lossless_unless_a_quality_is_named(face):
    png, sent = degrade.screenshot(face, 1.0, 0.95), degrade.screenshot(face, 1.0, 0.95, 0.0, 60)
    assert apart(png, sent) > 1
    assert np.array_equal(png, degrade.screenshot(face, 1.0, 0.95, 0.0, 0))


def test_a_messenger_leaves_the_size_of_small_pictures_and_compresses_all(face):
    assert np.array_equal(degrade.messenger(face, 1600, 70), degrade.jpeg(face, 70))
    assert np.array_equal(degrade.messenger(face, 1600, 70, 2), degrade.jpeg(degrade.jpeg(face, 70), 70))
    assert apart(degrade.messenger(face, 80, 70), face) > apart(degrade.messenger(face, 160, 70), face)


@pytest.mark.parametrize("kind", range(4))
def test_every_kind_of_resize_keeps_the_mean(kind, face):
    assert degrade.resize(face, 0.5, kind).mean() == pytest.approx(face.mean(), abs=2)


def test_steps_follow_one_another_in_order(face):
    history = (Step("grey"), Step("hue", (20, 2.0)))
    assert np.array_equal(degrade.apply(face, history), degrade.hue(degrade.grey(face), 20, 2.0))
    assert degrade.apply(face, ()) is face


def test_unknown_step_lists_the_valid_ones(face):
    with pytest.raises(UnknownName, match=r"unknown degradation 'jpg'; did you mean 'jpeg'\?.*resize"):
        degrade.apply(face, (Step("jpg"),))


def test_draw_follows_from_its_generator_alone():
    assert degrade.draw(keyed(5)) == degrade.draw(keyed(5))
    drawn = [degrade.draw(keyed(seed)) for seed in range(200)]
    assert len(set(drawn)) > 150
    assert {step.name for history in drawn for step in history} == set(
        STEPS
    ) - OF_APPS - BY_ITSELF - OF_DARKNESS
    assert max(map(len, drawn)) <= 9


def test_what_apps_do_is_drawn_after_the_rest_and_only_when_asked_for():
    for seed in range(200):
        plain, more = degrade.draw(keyed(seed), 0.7), degrade.draw(keyed(seed), 0.7, apps=True)
        assert more[: len(plain)] == plain
        assert {step.name for step in more[len(plain) :]} <= OF_APPS
    drawn = [degrade.draw(keyed(seed), apps=True) for seed in range(200)]
    assert {step.name for history in drawn for step in history} == set(STEPS) - BY_ITSELF - OF_DARKNESS


def test_the_drawn_sequence_is_the_one_that_recipes_rely_on():
    """A change here would give every stored recipe and every resumed training other pictures."""
    drawn = repr([degrade.draw(keyed(seed)) for seed in range(100)])
    assert hashlib.sha256(drawn.encode()).hexdigest()[:16] == "78ee30057d51c570"


def test_a_website_comes_last_and_only_where_it_is_asked_for():
    for seed in range(100):
        plain = degrade.draw(keyed(seed), 0.7, apps=True)
        shown = degrade.draw(keyed(seed), 0.7, apps=True, websites=1.0)
        assert shown[: len(plain)] == plain
        assert {step.name for step in shown[len(plain) :]} <= BY_ITSELF
    drawn = [len(degrade.draw(keyed(seed), 0.0, websites=1.0)) for seed in range(20)]
    assert drawn == [0] * 20, "strength 0 draws nothing"


def test_noise_of_darkness_comes_first_and_only_where_it_is_asked_for():
    for seed in range(100):
        plain = degrade.draw(keyed(seed), 0.7, apps=True, websites=0.5)
        dark = degrade.draw(keyed(seed), 0.7, apps=True, websites=0.5, grain=1.0)
        assert dark[len(dark) - len(plain) :] == plain
        assert {step.name for step in dark[: len(dark) - len(plain)]} <= OF_DARKNESS
    drawn = [len(degrade.draw(keyed(seed), 0.0, grain=1.0)) for seed in range(20)]
    assert drawn == [0] * 20, "strength 0 draws nothing"


def test_noise_is_the_same_in_all_channels_and_grain_is_not():
    flat = np.full((64, 64, 3), 128, np.uint8)
    grey, coloured = degrade.noise(flat, 6, 3).astype(int), degrade.grain(flat, 6, 3).astype(int)
    assert np.array_equal(grey[..., 0], grey[..., 2])
    assert abs(np.corrcoef(coloured[..., 0].ravel(), coloured[..., 2].ravel())[0, 1]) < 0.1
    assert coloured.std() == pytest.approx(6, rel=0.05)


def test_what_a_website_does_is_drawn_by_itself_too(face):
    drawn = [degrade.of_website(keyed(seed)) for seed in range(20)]
    assert len(set(drawn)) == 20
    assert {step.name for (step,) in drawn} == BY_ITSELF
    assert all(degrade.apply(face, history).shape == face.shape for history in drawn)


def test_every_drawn_history_can_be_applied(face):
    for seed in range(25):
        assert degrade.apply(face, degrade.draw(keyed(seed), apps=True)).shape == face.shape


def test_strength_zero_draws_nothing_and_one_draws_most():
    assert all(degrade.draw(keyed(seed), 0.0) == () for seed in range(50))
    lengths = [[len(degrade.draw(keyed(seed), strength)) for seed in range(200)] for strength in (0.3, 1.0)]
    assert sum(lengths[0]) < 0.5 * sum(lengths[1])
