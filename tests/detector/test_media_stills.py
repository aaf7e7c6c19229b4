"""Photographs become frames: every format, orientation and colour model."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.media import frames, is_media, probe

RED = (220, 30, 30)


def picture(width=60, height=40):
    """Grey, with a red lower right quarter that shows which way is up."""
    image = np.full((height, width, 3), 128, np.uint8)
    image[height // 2 :, width // 2 :] = RED
    return Image.fromarray(image)


def only_frame(path):
    (frame,) = frames(path)
    assert (frame.index, frame.time) == (0, 0.0)
    assert frame.image.dtype == np.uint8
    assert frame.image.ndim == 3
    return frame.image


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tif", "gif"])
def test_every_image_format_gives_its_pixels(tmp_path, suffix):
    path = tmp_path / f"picture.{suffix}"
    picture().save(path)
    image = only_frame(path)
    assert image.shape == (40, 60, 3)
    np.testing.assert_allclose(image[35, 55], RED, atol=12)
    media = probe(path)
    assert (media.kind, media.width, media.height, media.frames, media.duration) == ("image", 60, 40, 1, 0.0)
    assert is_media(path)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_exif_orientation_is_applied(tmp_path, suffix, orientation):
    # What a camera stores: the upright picture turned or mirrored back.
    stored = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{suffix}"
    image = picture() if stored is None else picture().transpose(stored)
    image.save(path, exif=exif, quality=95)
    np.testing.assert_allclose(only_frame(path)[::39, ::59], np.asarray(picture())[::39, ::59], atol=12)
    assert (probe(path).width, probe(path).height) == (60, 40)


def test_deep_grey_keeps_its_range(tmp_path):
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)[None].repeat(4, axis=0)
    Image.fromarray(ramp).save(tmp_path / "deep.png")
    np.testing.assert_allclose(only_frame(tmp_path / "deep.png")[0, :, 0], np.arange(256), atol=1)


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_grey_without_a_defined_white_is_stretched(tmp_path, dtype):
    Image.fromarray(np.array([[-5, 0, 5]], dtype)).save(tmp_path / "deep.tif")
    assert only_frame(tmp_path / "deep.tif")[0, :, 1].tolist() == [0, 127, 255]


@pytest.mark.parametrize(
    ("mode", "suffix"), [("CMYK", "jpg"), ("CMYK", "tif"), ("P", "png"), ("YCbCr", "tif")]
)
def test_other_colour_models_become_rgb(tmp_path, mode, suffix):
    path = tmp_path / f"picture.{suffix}"
    picture().convert(mode).save(path)
    np.testing.assert_allclose(only_frame(path)[35, 55], RED, atol=25)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_and_bilevel_become_rgb(tmp_path, mode):
    Image.new("L", (8, 6), 255).convert(mode).save(tmp_path / "grey.png")
    assert (only_frame(tmp_path / "grey.png") == 255).all()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_shows_white_and_not_what_is_hidden(tmp_path, mode):
    image = picture().convert("RGBA")
    image.putalpha(Image.fromarray(np.tile(np.repeat(np.array([0, 255], np.uint8), 30), (40, 1))))
    if mode == "PA":
        image = image.quantize(64)
    elif mode == "LA":
        image = image.convert("LA")
    image.save(tmp_path / "clear.png")
    seen = only_frame(tmp_path / "clear.png")
    assert (seen[:, :29] == 255).all()
    assert (seen[:, 31:, 1] < 200).all()


def test_one_pixel(tmp_path):
    Image.new("RGB", (1, 1), RED).save(tmp_path / "dot.png")
    assert only_frame(tmp_path / "dot.png").tolist() == [[list(RED)]]


def test_pages_of_a_tiff_are_no_video(tmp_path):
    picture().save(tmp_path / "pages.tif", save_all=True, append_images=[picture()] * 3)
    assert probe(tmp_path / "pages.tif").kind == "image"
    only_frame(tmp_path / "pages.tif")


# Animated pictures
