"""Media that are well: the right frames, upright, at the right times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import ConfigError, MediaTooLarge, UnknownName
from catchlight.detector.media import Limits, Sampling, frames, frames_together, is_media, probe

RED = (220, 30, 30)


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


SPARSE = ("clip.mp4", "libx264", {"bf": "8", "b_strategy": "0", "b-pyramid": "none"})


@pytest.mark.parametrize(("name", "codec", "options"), [*CONTAINERS, SPARSE])
@pytest.mark.parametrize("count", [6, 60])
def test_one_pass_gives_each_sampling_its_own_frames(make_clip, read_number, name, codec, options, count):
    path = make_clip(name, 72, codec, gop=36, options=options)
    first, dense = Sampling("even", count=count), Sampling("dense", rate=15.0)
    together = list(frames_together(path, (first, dense)))
    mine = [frame for frame, (judged, _) in together if judged]
    alone = list(frames(path, first))
    assert [frame.index for frame in mine] == [frame.index for frame in alone]
    assert all(np.array_equal(a.image, b.image) for a, b in zip(mine, alone, strict=True))
    others = [frame for frame, (_, wanted) in together if wanted]
    again = max((at for at in range(1, len(others)) if others[at].time <= others[at - 1].time), default=0)
    whole = [frame.index for frame in others[again:]]
    # AVI keeps no times: its frames are numbered by counting, which may be off by one.
    numbers = [read_number(frame.image) for frame in others]
    assert max(abs(number - frame.index) for number, frame in zip(numbers, others, strict=True)) <= (
        name == "clip.avi"
    )
    assert whole == sorted(set(whole))
    assert len(whole) >= 0.85 * 36
    if not again:
        assert len(together) <= len(mine) + len(others)


def test_what_only_one_pass_each_can_give_comes_one_after_the_other(tmp_path):
    path = tmp_path / "animation.gif"
    levels = [Image.new("RGB", (16, 16), (4 * i, 128, 255 - 4 * i)) for i in range(40)]
    levels[0].save(path, save_all=True, append_images=levels[1:], duration=50)
    together = list(frames_together(path, (Sampling("even", count=4), Sampling("dense", rate=5.0))))
    assert [wanted for _, wanted in together] == [(True, False)] * 4 + [(False, True)] * 20


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
    Image.new("RGB", (60, 40)).save(tmp_path / "still.mp4", "png")
    (frame,) = frames(tmp_path / "still.mp4")
    assert (frame.index, frame.image.shape) == (0, (40, 60, 3))


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
