"""Media that are well: the right frames, upright, at the right times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import ConfigError, MediaTooLarge, UnknownName
from catchlight.detector.media import Limits, Sampling, frames, is_media, probe

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


# Stills


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


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_an_animation_is_a_sampled_video(tmp_path, suffix):
    path = tmp_path / f"animation.{suffix}"
    levels = [Image.new("RGB", (16, 16), (4 * i, 128, 255 - 4 * i)) for i in range(40)]
    levels[0].save(path, save_all=True, append_images=levels[1:], duration=50, lossless=True)
    media = probe(path)
    assert (media.kind, media.frames) == ("video", 40)
    found = list(frames(path, Sampling("even", count=8)))
    assert [frame.index for frame in found] == [2, 7, 12, 17, 22, 27, 32, 37]
    for frame in found:
        assert frame.time == pytest.approx(frame.index * 0.05)
        assert abs(int(frame.image[8, 8, 0]) - 4 * frame.index) <= 8


# Video


CONTAINERS = [
    ("clip.mp4", "libx264", {"bf": "3"}),
    ("clip.mkv", "libx264", {"bf": "3"}),
    ("clip.ts", "libx264", {"bf": "3"}),
    ("clip.avi", "libx264", {"bf": "3"}),
    ("clip.avi", "mpeg4", {}),
    ("clip.webm", "libvpx-vp9", {"deadline": "realtime", "cpu-used": "8"}),
    ("clip.mov", "mjpeg", {"strict": "unofficial"}),
    ("clip.mpg", "mpeg2video", {"bf": "2"}),
    ("clip.flv", "flv", {}),
    ("clip.mp4", "libx265", {"x265-params": "log-level=none:bframes=3"}),
]


@pytest.mark.parametrize(("name", "codec", "options"), CONTAINERS)
@pytest.mark.parametrize(
    "sampling", [Sampling("dense", rate=30.0), Sampling("even", count=6), Sampling("key")]
)
def test_frames_are_those_they_say_they_are(make_clip, read_number, name, codec, options, sampling):
    path = make_clip(name, 48, codec, gop=12, options=options)
    found = list(frames(path, sampling))
    assert [read_number(frame.image) for frame in found] == [frame.index for frame in found]
    for frame in found:
        assert frame.time == pytest.approx(frame.index / 30, abs=0.002)
    if sampling.policy == "dense":
        assert len(found) == 48


def test_auto_takes_key_frames_when_they_are_enough(make_clip):
    path = make_clip(count=120, gop=5, options={"x264-params": "scenecut=0"})
    found = [frame.index for frame in frames(path, Sampling(count=12))]
    assert len(found) == 12
    assert all(index % 5 == 0 for index in found)


def test_auto_spreads_evenly_when_key_frames_are_few(make_clip):
    path = make_clip(count=300)
    times = [frame.time for frame in frames(path)]
    assert len(times) == 32
    np.testing.assert_allclose(times, (np.arange(32) + 0.5) * 10 / 32, atol=0.15)


def test_open_groups_of_pictures(make_clip, read_number):
    options = {"x264-params": "open-gop=1:bframes=3:keyint=24:min-keyint=24:scenecut=0"}
    path = make_clip(count=96, options=options)
    for sampling in (Sampling("key"), Sampling("even", count=30), Sampling("dense", rate=30)):
        found = list(frames(path, sampling))
        assert len(found) >= 4
        assert [read_number(frame.image) for frame in found] == [frame.index for frame in found]


def test_variable_frame_rate_is_sampled_by_time(make_clip, read_number):
    stamps = [*range(0, 1000, 20), *range(1000, 10000, 500)]
    path = make_clip("clip.mkv", times=stamps)
    found = list(frames(path, Sampling("even", count=9)))
    for frame in found:
        assert frame.time == pytest.approx(stamps[read_number(frame.image)] / 1000, abs=0.002)
    assert max(np.diff([frame.time for frame in found])) < 2.0


def test_dense_keeps_an_unbroken_stretch_of_the_middle(make_clip):
    path = make_clip(count=120)
    times = [frame.time for frame in frames(path, Sampling("dense", rate=10, max_frames=20))]
    np.testing.assert_allclose(times, np.arange(10, 30) / 10, atol=0.002)


def test_fewer_frames_than_asked_for(make_clip):
    assert [frame.index for frame in frames(make_clip(count=5))] == [0, 1, 2, 3, 4]
    assert [frame.index for frame in frames(make_clip(count=1))] == [0]


@pytest.mark.parametrize(("rotation", "corner"), [(90, (0, -1)), (180, (0, 0)), (-90, (-1, 0))])
def test_rotation_of_the_container_is_applied(make_clip, rotation, corner):
    # The red corner lies at the lower right; a counter-clockwise quarter turn brings it to the upper right.
    path = make_clip(count=3, rotation=rotation)
    media = probe(path)
    for frame in frames(path):
        np.testing.assert_allclose(frame.image[corner], RED, atol=30)
        assert frame.image.shape == (media.height, media.width, 3)
    assert (media.width, media.height) == ((160, 96) if rotation == 180 else (96, 160))


@pytest.mark.parametrize("size", [(161, 97), (33, 18), (7, 5)])
def test_odd_sizes(make_clip, size):
    path = make_clip(count=4, codec="libx264rgb", size=size, pix_fmt="rgb24")
    shapes = {frame.image.shape for frame in frames(path)}
    assert shapes == {(size[1], size[0], 3)}


@pytest.mark.parametrize(("begin", "first"), [(90_000, 0), (-200, 5)])
@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4"])
def test_times_start_with_the_first_frame_that_is_shown(make_clip, read_number, name, begin, first):
    # What lies before zero is there to be decoded, not to be shown.
    hidden = {"avoid_negative_ts": "disabled"}
    path = make_clip(name, times=range(begin, begin + 2000, 40), container=hidden, options={"bf": "0"})
    found = list(frames(path, Sampling("dense", rate=5)))
    for frame in found:
        assert read_number(frame.image) == first + frame.index
        assert frame.time == pytest.approx(frame.index * 0.04, abs=0.002)
    assert (found[0].index, len(found)) == (0, 10 if first == 0 else 9)


def test_a_stream_without_duration(make_clip):
    path = make_clip("live.mkv", 30, container={"live": "1"})
    assert probe(path).duration == 0.0
    assert len(list(frames(path, Sampling("even", count=10)))) == 10


def test_probe_reads_the_header(make_clip):
    media = probe(make_clip(count=60))
    assert (media.kind, media.width, media.height, media.frames) == ("video", 160, 96, 60)
    assert media.duration == pytest.approx(2.0)
    assert (media.format, media.codec) == ("mp4", "h264")


def test_a_wrong_or_odd_name_is_no_obstacle(make_clip, tmp_path):
    clip = make_clip(count=4)
    for name in ("clip.jpg", "http:clip", "ä %20?#:.txt"):
        odd = tmp_path / name
        odd.write_bytes(clip.read_bytes())
        assert len(list(frames(odd))) == 4
    picture().save(tmp_path / "still.png")
    (tmp_path / "still.png").rename(tmp_path / "still.mp4")
    only_frame(tmp_path / "still.mp4")


def test_frames_stream_and_can_be_left_early(make_clip):
    found = frames(make_clip(count=60), Sampling("dense", rate=30))
    assert next(found).index == 0
    found.close()
    assert list(found) == []


# Settings


def test_wrong_settings_name_the_field():
    with pytest.raises(UnknownName, match="did you mean 'even'"):
        Sampling("evn")
    with pytest.raises(ConfigError, match=r"Sampling\.count"):
        Sampling(count=0)
    with pytest.raises(ConfigError, match=r"Limits\.max_pixels"):
        Limits(max_pixels=-1)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_bytes=100),
        Limits(max_pixels=1000),
        Limits(max_duration=1.0),
        Limits(max_frames=10),
        Limits(max_seconds=1e-6),
    ],
)
def test_each_limit_of_a_video_names_itself(make_clip, limits):
    (changed,) = (n for n in Limits.__slots__ if getattr(limits, n) != getattr(Limits(), n))
    with pytest.raises(MediaTooLarge, match=rf"raise Limits\.{changed}"):
        list(frames(make_clip(count=60), limits=limits))


def test_the_length_is_limited_where_the_header_is_silent(make_clip):
    path = make_clip("live.mkv", 60, container={"live": "1"})
    with pytest.raises(MediaTooLarge, match="max_frames"):
        list(frames(path, limits=Limits(max_frames=10)))


def test_folders_are_walked_by_name():
    assert is_media("a/b/Clip.MOV")
    assert is_media(Path("photo.JPEG"))
    assert not is_media("notes.txt")
    assert not is_media("mp4")
