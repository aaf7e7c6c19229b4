"""Media that are not well: each ends in intact frames or in one clear MediaError, soon and in silence."""

from __future__ import annotations

import contextlib
import os
import struct
import time
import zlib

import av
import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import (
    CorruptMedia,
    EmptyMedia,
    MediaError,
    MediaNotFound,
    MediaTooLarge,
    NotMedia,
)
from catchlight.detector.media import Limits, Sampling, frames, probe
from catchlight.detector.media_limits import Clock


def judge(path, **options):
    """The frames' sizes, or the error's code."""
    try:
        return [frame.image.shape for frame in frames(path, **options)]
    except MediaError as error:
        return error.code if str(path) in str(error) else f"an error that names no file: {error}"


def noise(size=(64, 48), seed=0):
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), np.uint8))


# Not a medium at all


def test_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "absent.mp4", tmp_path, tmp_path / "pipe.mp4", "zero\0byte.jpg"):
        for door in (probe, lambda p: list(frames(p))):
            with pytest.raises(MediaNotFound, match="expected"):
                door(path)


@pytest.mark.parametrize("name", ["empty.jpg", "empty.mp4"])
def test_no_bytes(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(EmptyMedia, match="no bytes"):
        list(frames(tmp_path / name))


FOREIGN = {
    "text": b"Dear reader, this is no picture.\n" * 40,
    "script": b"#!/bin/sh\necho hello\n",
    "zip": b"PK\x03\x04" + bytes(200),
    "pdf": b"%PDF-1.7\n" + bytes(200),
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><rect width='9' height='9'/></svg>",
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "photoshop": b"8BPS\0\x01" + bytes(200),
    "zeros": bytes(5000),
    "one byte": b"x",
}


@pytest.mark.parametrize("what", FOREIGN)
@pytest.mark.parametrize("suffix", ["jpg", "mp4"])
def test_not_media(tmp_path, what, suffix):
    path = tmp_path / f"file.{suffix}"
    path.write_bytes(FOREIGN[what])
    with pytest.raises(NotMedia, match="expected a JPEG"):
        list(frames(path))
    with pytest.raises(NotMedia):
        probe(path)


@pytest.mark.parametrize("name", ["list.m3u8", "list.ffconcat", "list.sdp", "list.mpd", "list.mp4"])
def test_a_playlist_opens_neither_another_file_nor_the_network(make_clip, tmp_path, name):
    clip = make_clip(count=3)
    texts = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{clip}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{clip}'\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
        "a=rtpmap:96 H264/90000\n",
    ]
    for text in texts:
        (tmp_path / name).write_text(text)
        begin = time.monotonic()
        assert judge(tmp_path / name) == "not_media"
        assert time.monotonic() - begin < 2


def test_heic_says_what_to_do(tmp_path):
    (tmp_path / "phone.heic").write_bytes(struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(100))
    with pytest.raises(NotMedia, match=r"HEIC.*convert"):
        probe(tmp_path / "phone.heic")


# Too large


def test_a_hundred_megapixels_are_refused_by_the_header(tmp_path):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    for side in (8000, 10_000, 60_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        path = tmp_path / f"{side}.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))))
        for door in (probe, lambda p: list(frames(p))):
            begin = time.process_time()
            with pytest.raises(MediaTooLarge, match="50,000,000 pixels"):
                door(path)
            assert time.process_time() - begin < 0.5


def test_limits_hold_for_pictures(tmp_path):
    noise().save(tmp_path / "noise.png")
    assert judge(tmp_path / "noise.png", limits=Limits(max_pixels=64 * 48)) == [(48, 64, 3)]
    assert judge(tmp_path / "noise.png", limits=Limits(max_pixels=64 * 48 - 1)) == "too_large"
    assert judge(tmp_path / "noise.png", limits=Limits(max_image_bytes=99)) == "too_large"
    noise().save(tmp_path / "many.gif", save_all=True, append_images=[noise(seed=i) for i in range(1, 10)])
    assert judge(tmp_path / "many.gif", limits=Limits(max_frames=9)) == "too_large"
    assert judge(tmp_path / "many.gif", limits=Limits(max_seconds=1e-6)) == "too_large"


def test_the_clock_leaves_out_what_the_caller_does(tmp_path):
    clock = Clock(tmp_path, Limits(max_seconds=0.2))
    with clock.paused():
        time.sleep(0.3)
    clock.check()
    time.sleep(0.3)
    with pytest.raises(MediaTooLarge, match="max_seconds"):
        clock.check()


# Damaged


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "gif", "tif"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_still_is_not_judged(tmp_path, suffix, share):
    path = tmp_path / f"whole.{suffix}"
    noise().save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(CorruptMedia, match="again from its source"):
        list(frames(path))


def test_a_truncated_animation_gives_its_intact_frames(tmp_path):
    path = tmp_path / "animation.gif"
    noise().save(path, save_all=True, append_images=[noise(seed=i) for i in range(1, 8)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    found = list(frames(path))
    assert 3 <= len(found) <= 5
    assert [frame.index for frame in found] == list(range(len(found)))


def test_damaged_exif_hides_no_picture(tmp_path):
    noise().save(tmp_path / "odd.jpg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff\x01\x12")
    assert judge(tmp_path / "odd.jpg") == [(48, 64, 3)]


@pytest.mark.parametrize(
    ("name", "options"), [("clip.mkv", {}), ("clip.ts", {}), ("clip.mp4", {"movflags": "faststart"})]
)
def test_a_video_cut_off_gives_what_is_there(make_clip, read_number, name, options):
    path = make_clip(name, 90, gop=15, container=options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    found = list(frames(path, Sampling("dense", rate=30)))
    assert 10 <= len(found) <= 80
    wrong = [frame for frame in found if read_number(frame.image) != frame.index]
    assert len(wrong) <= 2  # at the cut itself


def test_a_video_without_its_index_is_damaged(make_clip):
    path = make_clip(count=90)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(CorruptMedia, match="begins like a video"):
        list(frames(path))


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.ts", "clip.avi"])
def test_a_video_corrupted_in_the_middle_gives_both_ends(make_clip, read_number, name):
    path = make_clip(name, 120, gop=15, container={"movflags": "faststart"} if name == "clip.mp4" else {})
    content = bytearray(path.read_bytes())
    middle = slice(len(content) // 2, len(content) * 6 // 10)
    content[middle] = np.random.default_rng(0).bytes(middle.stop - middle.start)
    path.write_bytes(content)
    found = list(frames(path, Sampling("dense", rate=30)))
    numbers = [read_number(frame.image) for frame in found]
    assert numbers[0] == 0
    assert numbers[-1] >= 110
    assert len(set(numbers)) >= 60
    if name != "clip.avi":  # which has no times, so that a loss moves all that follows
        right = [round(frame.time * 30) == number for frame, number in zip(found, numbers, strict=True)]
        assert sum(right) >= 0.9 * len(right)


def test_a_video_of_which_nothing_decodes(make_clip):
    path = make_clip("clip.mkv", 30)
    with av.open(str(path)) as container:
        places = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    content = bytearray(path.read_bytes())
    for place, size in places:
        content[place + 12 : place + size] = bytes(max(0, size - 12))
    path.write_bytes(content)
    with pytest.raises(CorruptMedia, match="none that was tried"):
        list(frames(path))


def test_encrypted(make_clip):
    secret = {
        "encryption_scheme": "cenc-aes-ctr",
        "encryption_key": "00112233445566778899aabbccddeeff",
        "encryption_kid": "ffeeddccbbaa99887766554433221100",
    }
    with pytest.raises(CorruptMedia, match="encrypted"):
        list(frames(make_clip(count=10, container=secret)))


# Nothing to see


def sound(path):
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mp2" if path.suffix == ".mkv" else "pcm_s16le", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), layout="mono")
        frame.rate = 16000
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("name", ["sound.wav", "sound.mkv", "sound.mov"])
def test_audio_only(tmp_path, name):
    for door in (probe, lambda p: list(frames(p))):
        with pytest.raises(EmptyMedia, match="no video"):
            door(sound(tmp_path / name))


def test_a_video_of_zero_frames(tmp_path):
    path = tmp_path / "none.y4m"
    path.write_bytes(b"YUV4MPEG2 W16 H16 F25:1 Ip A1:1 C420jpeg\n")
    with pytest.raises(EmptyMedia, match="without a single picture"):
        list(frames(path))


# Many at once


@pytest.mark.parametrize("name", ["still.jpg", "still.png", "animation.gif", "clip.mp4"])
def test_mutations_end_in_frames_or_a_media_error(tmp_path, make_clip, name):
    original = tmp_path / name
    if name == "clip.mp4":
        original = make_clip(count=6, size=(48, 32), container={"movflags": "faststart"})
    elif name == "animation.gif":
        noise((24, 16)).save(original, save_all=True, append_images=[noise((24, 16), 1)] * 2)
    else:
        noise((24, 16)).save(original)
    rng, content = np.random.default_rng(7), np.frombuffer(original.read_bytes(), np.uint8)
    limits = Limits(max_pixels=1_000_000, max_seconds=5)
    for number in range(60):
        mutant = content.copy()
        # Headers are where a flipped byte hurts most, so half of the mutations stay within the first 700.
        reach = min(700, len(mutant)) if number % 2 else len(mutant)
        places = rng.integers(0, reach, rng.integers(1, 9))
        mutant[places] = rng.choice(np.array([0, 1, 127, 128, 255, rng.integers(256)], np.uint8), len(places))
        path = tmp_path / f"{number}-{name}"
        path.write_bytes(mutant.tobytes()[: None if number % 5 else rng.integers(1, len(mutant))])
        begin = time.process_time()
        judge(path, limits=limits)
        assert time.process_time() - begin < 3


@pytest.mark.shared
def test_known_hostile_files(shared_data):
    files = sorted((shared_data / "nasty").iterdir())
    assert files
    outcomes = []
    for path in files:
        begin = time.process_time()
        outcomes.append(judge(path))
        with contextlib.suppress(MediaError):
            probe(path)
        assert time.process_time() - begin < 3, path
    assert {code for code in outcomes if isinstance(code, str)} == {
        "not_media", "corrupt_media", "empty_media", "too_large",
    }  # fmt: skip
    assert sum(isinstance(shapes, list) for shapes in outcomes) > 30
