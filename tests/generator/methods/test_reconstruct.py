"""Reconstruction: the kinds and their weights, and any size of picture."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import BundleError, DataError, UnknownName
from catchlight.generator.methods.reconstruct import Reconstruct
from catchlight.generator.networks.kinds import KINDS, WEIGHTS
from catchlight.generator.post import colour
from catchlight.generator.types import Portrait

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def ps8():
    return Reconstruct("ps8")


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b) ** 2))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_looks_like_the_original_but_is_not(kind, astronaut):
    face = astronaut[None, 16:208, 128:320]
    made = Reconstruct(kind).reconstruct(face)
    coarse_alone = colour.coarse(np.zeros(face.shape[1:], np.float32), face[0])[None]
    assert psnr(face, coarse_alone) + 2 < psnr(face, made) < 45
    assert (WEIGHTS / f"{kind}.npz").stat().st_size < 2**20


def test_kinds_differ_in_what_they_leave(astronaut):
    face = astronaut[None, 16:144, 160:288]
    made = [Reconstruct(kind).reconstruct(face).astype(int) for kind in ("ps8", "tc16", "bl8")]
    assert min(np.abs(a - b).mean() for a, b in zip(made, made[1:] + made[:1], strict=True)) > 0.3


def test_any_size_order_and_number(ps8, astronaut):
    faces = np.stack([astronaut[i : i + 50, 180:255] for i in (20, 60, 100)])
    done = []
    made = ps8.reconstruct(faces, batch=2, report=done.append)
    assert made.shape == faces.shape
    assert done == [2, 3]
    assert all(psnr(a, b) > 22 for a, b in zip(faces, made, strict=True))
    assert np.array_equal(made[2:], ps8.reconstruct(faces[2:]))
    assert ps8.reconstruct(faces[:0]).shape == (0, 50, 75, 3)


def test_writes_into_a_memory_map(ps8, astronaut, tmp_path):
    faces = astronaut[None, :64, 160:224]
    out = np.lib.format.open_memmap(tmp_path / "out.npy", "w+", np.uint8, faces.shape)
    ps8.reconstruct(faces, out=out)
    assert np.array_equal(np.load(tmp_path / "out.npy"), ps8.reconstruct(faces))


def test_the_outermost_pixels_of_a_plain_wall_are_as_plain(ps8):
    wall = np.full((1, 96, 96, 3), (230, 220, 210), np.uint8)
    error = np.abs(ps8.reconstruct(wall).astype(int) - wall).mean(axis=(0, 3))
    assert max(error[0].mean(), error[-1].mean(), error[:, 0].mean(), error[:, -1].mean()) < 1.2


def test_the_dial_makes_the_traces_stronger_and_ends_at_what_the_decoder_makes(ps8, astronaut):
    face = astronaut[None, 16:112, 160:256]
    made = [Reconstruct("ps8", hardness=hardness).reconstruct(face) for hardness in (0.0, 0.5, 1.0)]
    assert np.array_equal(made[-1], ps8.reconstruct(face))
    assert psnr(face, made[0]) + 2 < psnr(face, made[1]) < psnr(face, made[2]) - 2


def test_as_a_method_it_forges_the_whole_picture(ps8, astronaut):
    portrait = Portrait(astronaut[:64, 160:224], np.zeros((478, 2), np.float32))
    forgery = ps8(portrait, None, np.random.default_rng(1))
    assert forgery.image.shape == (64, 64, 3)
    assert (forgery.mask == 1).all()
    assert ps8.family == "reconstruct_ps8"


@pytest.mark.parametrize(
    ("shape", "kind"), [((1, 32, 32, 3), "f4"), ((32, 32, 3), "u1"), ((1, 4, 32, 3), "u1")]
)
def test_bad_pictures_are_refused(ps8, shape, kind):
    with pytest.raises(DataError, match="RGB uint8"):
        ps8.reconstruct(np.zeros(shape, kind))


def test_a_wrong_out_is_refused(ps8):
    with pytest.raises(DataError, match="out must be uint8"):
        ps8.reconstruct(np.zeros((1, 32, 32, 3), np.uint8), out=np.zeros((2, 32, 32, 3), np.uint8))


def test_an_unknown_kind_and_missing_weights(tmp_path):
    with pytest.raises(UnknownName, match="did you mean 'ps8'"):
        Reconstruct("ps9")
    with pytest.raises(BundleError, match=r"ps8\.npz"):
        Reconstruct("ps8", tmp_path)
