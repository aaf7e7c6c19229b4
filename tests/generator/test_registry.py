"""Methods by name, and the contract for each of them."""

import os
import subprocess
import sys

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator import registry
from catchlight.generator.levelled import energy
from catchlight.generator.methods.self_blend import SelfBlend
from catchlight.generator.testing import check_method
from catchlight.generator.types import Portrait, key

NEEDS_KERAS = dict.fromkeys(("reconstruct", "reconstruct_blend"), (pytest.mark.train, pytest.mark.slow))
EVERY = [pytest.param(n, marks=NEEDS_KERAS.get(n, ())) for n in registry.BUILT_IN]
PLUGIN = """
import numpy as np
from catchlight.generator.types import Forgery

class Mirror:
    family = "mirror"

    def __call__(self, target, source, rng):
        mask = np.zeros(target.image.shape[:2], np.float32)
        mask[:, mask.shape[1] // 2 :] = 1
        return Forgery(np.where(mask[..., None] > 0, target.image[:, ::-1], target.image), mask)
"""
METADATA = """
[metadata]
name = a-strangers-methods
version = 1.0
[options]
py_modules = strangers_methods
[options.entry_points]
catchlight.methods =
    mirrored = strangers_methods:Mirror
"""
USE = """
from catchlight.generator import registry, sheet
from catchlight.generator.testing import check_method, sample_portrait
assert "mirrored" in registry.names(), registry.names()
check_method("mirrored")
method = registry.create("mirrored")
print(method.family, sheet.draw(sample_portrait(64), {"mirrored": [method] * 2}).shape)
"""


@pytest.mark.parametrize("name", EVERY)
def test_every_built_in_keeps_the_contract(name):
    check_method(name)


@pytest.mark.parametrize("name", EVERY)
def test_every_built_in_has_a_family_and_a_dial(name):
    assert registry.create(name).family
    assert registry.takes(name, "hardness")
    with pytest.raises(ConfigError, match="hardness must be from 0"):
        registry.create(name, hardness=2.0)


@pytest.mark.parametrize("name", EVERY)
def test_the_harder_the_nearer_to_the_real_picture(name, portrait, relit):
    """The source is the same face in other light, so that it is not the person that differs.

    A reenactment keeps the light of its source, which is a frame of the same clip, so there only the place differs. A
    network that draws a face of its own is another's at any hardness; what gives it away is softness.
    """
    aside = Portrait(np.roll(portrait.image, 3, axis=1), portrait.landmarks + np.float32([3, 0]))
    differs = _softness if name in ("autoencoder_swap", "gan_face") else _difference
    off = []
    for hardness in (0.0, 0.5, 1.0):
        method = registry.create(name, hardness=hardness)
        given = aside if name in ("reenact", "motion") else relit
        source = given if getattr(method, "needs_source", False) else None
        made = [
            method(portrait, source, key(1, f"{name}/{i}")) for i in range(8 if name != "reconstruct" else 1)
        ]
        reals = [portrait.image if forgery.real is None else forgery.real for forgery in made]
        off.append(np.mean([differs(m, r) for m, r in zip(made, reals, strict=True)]))
    assert off[0] > 1.15 * off[1] > 1.15**2 * off[2] > 0


def _difference(forgery, real):
    return np.abs(forgery.image.astype(int) - real).mean()


def _softness(forgery, real):
    """How much fine detail is missing where the picture was replaced."""
    return abs(energy(forgery.image, forgery.mask) - energy(real, forgery.mask))


@pytest.mark.slow
def test_a_method_of_another_distribution_is_found_checked_and_shown(tmp_path):
    """Built and installed as anyone would, without a network, and used by a process of its own."""
    (tmp_path / "strangers_methods.py").write_text(PLUGIN)
    (tmp_path / "setup.cfg").write_text(METADATA)
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
    )
    site = tmp_path / "site"
    install = [
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        site,
        tmp_path,
    ]
    subprocess.run([sys.executable, "-m", *map(str, install)], check=True, capture_output=True)
    path = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", USE], env=path, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.split() == ["mirror", "(82,", "384,", "3)"], done.stderr


def test_a_package_that_is_missing_is_named(tmp_path, monkeypatch):
    (tmp_path / "needy.py").write_text("def create():\n    import a_package_that_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="not installed: .*a_package_that_nobody_has"):
        registry.create("needy:create")


def test_options_of_a_factory_are_known_before_it_is_called():
    assert registry.takes("local_edit", "part")
    assert not registry.takes("local_edit", "colour")
    with pytest.raises(UnknownName):
        registry.takes("local_edits", "part")


def test_names_hold_the_built_ins():
    assert set(registry.BUILT_IN) <= set(registry.names())
    assert list(registry.names()) == sorted(registry.names())


def test_options_reach_the_factory():
    made = registry.create("self_blend", kind="eyes")
    assert isinstance(made, SelfBlend)
    assert made.kind == "eyes"


def test_unknown_option_is_an_error_of_ours():
    with pytest.raises(ConfigError, match="can't be made with the options .*colour"):
        registry.create("self_blend", colour="red")


def test_unknown_name_lists_the_valid_ones():
    with pytest.raises(
        UnknownName, match=r"unknown method 'selfblend'; did you mean 'self_blend'\?.*reconstruct"
    ):
        registry.create("selfblend")


def test_a_module_and_factory_serve_as_a_name():
    assert isinstance(registry.create("catchlight.generator.methods.self_blend:SelfBlend"), SelfBlend)


def test_what_makes_no_method_is_refused():
    with pytest.raises(ConfigError, match="makes a date, which can't be called"):
        registry.create("datetime:date", year=2000, month=1, day=1)
