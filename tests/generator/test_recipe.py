"""Recipes: what is read, and how a wrong one is answered."""

import tomllib
from pathlib import Path

import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator import recipe as recipes


def test_every_setting_has_its_place(written):
    path = written(
        '[[methods]]\nname = "self_blend"\nshare = 2\nhardness = [0, 0.5]\noptions = { kind = ["mouth", "eyes"] }\n'
        '[degrade]\nstrength = 0.5\n[real]\nsplit = "val"\nweights = { lfw = 3 }',
        format="png",
        seed=9,
    )
    read = recipes.read(path)
    assert (read.title, read.head.seed, read.head.format, read.head.side) == ("test/1", 9, "png", 64)
    (method,) = read.methods
    assert (method.share, method.hardness, method.options) == (2.0, (0, 0.5), {"kind": ["mouth", "eyes"]})
    assert (read.degrade.strength, read.real.split, read.real.weights) == (0.5, "val", {"lfw": 3.0})


def test_checked_in_recipes_are_found_by_name():
    assert {"quick", "shipped"} <= set(recipes.names())
    for name in recipes.names():
        assert recipes.read(name).head.name == name


def test_the_shipped_recipe_has_the_shares_of_the_shipped_detectors_first_network():
    shares = {method.name: method.share for method in recipes.read("shipped").methods}
    text = (Path(__file__).parents[2] / "serve/configs/mobilenet-fewer.toml").read_text(encoding="utf-8")
    tiers = tomllib.loads(text)["tiers"]
    pairs = tiers["pairs"]
    assert shares == {
        "self_blend": pairs["self_blend"],
        "face_swap": pairs["face_swap"],
        "reconstruct": pairs["reconstruction"],
        "reconstruct_blend": pairs["reconstruction_blend"],
        "local_edit": pairs["local_edit"],
    }
    assert dict(recipes.read("shipped").real.weights) == tiers["weights"]


def test_fingerprint_is_of_all_settings_but_the_count(written):
    def fingerprint(**head):
        return recipes.read(written(**head)).fingerprint

    assert fingerprint(count=10) == fingerprint(count=20)
    assert len({fingerprint(), fingerprint(seed=2), fingerprint(side=128), fingerprint(version="2")}) == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"at least one \[\[methods\]\]"),
        ('[[methods]]\nname = "self_blnd"', "unknown method 'self_blnd'; did you mean 'self_blend'.*reenact"),
        ('[[methods]]\nname = "self_blend"\nshare = 0', "share must be above 0"),
        ('[[methods]]\nname = "self_blend"\nhardness = [0.5]', "hardness must be"),
        ('[[methods]]\nname = "self_blend"\nhardness = [0.9, 0.1]', "hardness must be"),
        ('[[methods]]\nname = "self_blend"\noptions = { kind = [] }', "empty list"),
        ('[[methods]]\nname = "self_blend"\nshares = 1', "unknown setting .* 'shares'; did you mean 'share'"),
        ('[[methods]]\nname = "self_blend"\n[degrade]\nstrength = 2', "strength must be from 0 to 1"),
        ('[[methods]]\nname = "self_blend"\n[real]\nsplit = "test"', "Valid names: all, train, val"),
        ('[[methods]]\nname = "self_blend"\n[reals]', "unknown table .* 'reals'; did you mean 'real'"),
    ],
)
def test_wrong_settings_are_named_with_the_valid_ones(written, text, message):
    with pytest.raises(ConfigError, match=message):
        recipes.read(written(text))


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ({"side": 100}, "multiple of 16"),
        ({"side": 16}, "64 to 1024"),
        ({"count": 0}, "count above 0"),
        ({"quality": 101}, "quality from 1 to 100"),
        ({"name": "a/b"}, "letters, digits"),
        ({"format": "gif"}, "Valid names: jpeg, png"),
        ({"seed": "one"}, "expected a whole number"),
    ],
)
def test_wrong_heads_are_named(written, head, message):
    with pytest.raises(ConfigError, match=message):
        recipes.read(written(**head))


def test_unknown_and_missing_recipes_are_told_apart(tmp_path):
    with pytest.raises(UnknownName, match="unknown recipe 'quik'; did you mean 'quick'"):
        recipes.read("quik")
    with pytest.raises(ConfigError, match="can't be read"):
        recipes.read(tmp_path / "none.toml")
