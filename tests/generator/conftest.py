"""Fixtures of the generator's tests: one face in two lights, a store of drawn people, and a recipe over it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from catchlight.datasets import degrade
from catchlight.datasets.faces import Store
from catchlight.detector import align
from catchlight.generator import recipe as recipes
from catchlight.generator.bench import drawn_store
from catchlight.generator.recipe import Recipe
from catchlight.generator.run import run
from catchlight.generator.types import Portrait

SIDE = 160


@pytest.fixture(scope="session")
def portrait(astronaut, astronaut_face):
    """The astronaut, aligned, 160 px."""
    return Portrait(*align.cut(astronaut, astronaut_face.landmarks, SIDE))


@pytest.fixture(scope="session")
def relit(portrait):
    """The same face three pixels aside in warmer, brighter light: a source whose person can't be what differs."""
    image = degrade.tone(portrait.image, 18, 1.1, 0.9) * np.array([1.0, 0.94, 0.85])
    return Portrait(np.roll(image.astype(np.uint8), 3, axis=1), portrait.landmarks + np.float32([3, 0]))


METHODS = """
[[methods]]
name = "self_blend"
share = 3

[[methods]]
name = "face_swap"
share = 2

[[methods]]
name = "reenact"

[[methods]]
name = "local_edit"
options = { part = ["mouth", "eyes"] }
"""


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Eight drawn people with two pictures each, six for training; only to be read."""
    return drawn_store(tmp_path_factory.mktemp("drawn"), people=8, side=128)


def write_recipe(path: Path, text: str, head: dict[str, object]) -> Path:
    values = {"name": "test", "side": 64, "count": 40, **head}
    lines = [f"{k} = {v if isinstance(v, int) else repr(v)}" for k, v in values.items()]
    path.write_text("\n".join(["[recipe]", *lines, text]))
    return path


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a recipe: the table ``recipe`` by keywords, then the rest as text."""
    return lambda text=METHODS, **head: write_recipe(tmp_path / "test.toml", text, head)


@pytest.fixture(scope="session")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """A recipe of four methods."""
    return recipes.read(write_recipe(tmp_path_factory.mktemp("recipe") / "test.toml", METHODS, {}))


@pytest.fixture(scope="session")
def finished(recipe: Recipe, drawn: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The set of that recipe; only to be read."""
    folder = tmp_path_factory.mktemp("finished")
    run(recipe, drawn.folder, folder)
    return folder


@pytest.fixture
def out(finished: Path, tmp_path: Path) -> Path:
    """A copy of that set."""
    return Path(shutil.copytree(finished, tmp_path / "set"))


MORTAL = """
import os, signal
from catchlight.generator.methods.self_blend import SelfBlend

class Mortal:
    calls = 0

    def __init__(self, marker):
        self.marker = marker

    def __call__(self, target, source, rng):
        Mortal.calls += 1
        if Mortal.calls == 20 and not os.path.exists(self.marker):
            open(self.marker, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return SelfBlend()(target, None, rng)
"""


@pytest.fixture
def mortal(
    tmp_path: Path, written: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> tuple[Recipe, Path]:
    """A recipe whose method kills its own process in the middle, unless the returned file is there."""
    (tmp_path / "mortal_method.py").write_text(MORTAL)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # for Ray's workers
    marker = tmp_path / "dead"
    text = f"[[methods]]\nname = 'mortal_method:Mortal'\noptions = {{ marker = '{marker}' }}"
    return recipes.read(written(text, count=120)), marker


@pytest.fixture(scope="session")
def film():
    """Writes a clip of frames at times, with a tone where ``sound`` is true."""
    return _write_clip


def _write_clip(path: Path, frames, times, sound: bool = False) -> Path:
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", options={"crf": "14"})
        video.height, video.width, video.pix_fmt = *frames[0].shape[:2], "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        audio = out.add_stream("aac", rate=16000, layout="mono") if sound else None
        for image, time in zip(frames, times, strict=True):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            picture.pts, picture.time_base = round(1000 * time), Fraction(1, 1000)
            out.mux(video.encode(picture))
        out.mux(video.encode(None))
        if audio:
            tone = (0.2 * np.sin(np.arange(8192) * 0.17)).astype(np.float32)[None]
            heard = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            heard.sample_rate, heard.pts = 16000, 0
            out.mux(audio.encode(heard))
            out.mux(audio.encode(None))
    return path
