"""Files are written anew as said: format, size, compression and times; what can't be read or written says so."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import DataError, MediaError, UnknownName
from catchlight.detector.media import Limits, frames, probe
from catchlight.serve.handling import EVERY, HANDLINGS, named, write


@pytest.fixture
def still(tmp_path):
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(0, 256, (61, 83, 3), np.uint8)).save(tmp_path / "grain.png")
    return tmp_path / "grain.png"


@pytest.fixture
def clip(tmp_path):
    """Six frames of odd size at uneven times."""
    rng = np.random.default_rng(2)
    with av.open(str(tmp_path / "clip.mkv"), "w") as out:
        stream = out.add_stream("ffv1")
        stream.width, stream.height, stream.pix_fmt = 83, 61, "bgr0"
        stream.codec_context.time_base = Fraction(1, 1000)
        for time in (0, 40, 80, 200, 240, 500):
            picture = rng.integers(0, 256, (61, 83, 3), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return tmp_path / "clip.mkv"


@pytest.fixture
def new(tmp_path):
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


STILLS = [name for name, handling in HANDLINGS.items() if "image" in handling.kinds]
CLIPS = [name for name, handling in HANDLINGS.items() if "video" in handling.kinds]


@pytest.mark.parametrize("name", STILLS)
def test_a_still_has_the_format_and_size_that_its_name_says(still, new, name):
    handling = HANDLINGS[name]
    found = probe(write(still, new, "image", handling, Limits()))
    assert (found.width, found.height) == (round(83 * handling.scale), round(61 * handling.scale))
    assert found.format == {".jpg": "jpeg", ".webp": "webp", ".png": "png"}[handling.still]


@pytest.mark.parametrize("name", CLIPS)
def test_a_clip_keeps_its_frames_and_their_times(clip, new, name):
    made = write(clip, new, "video", HANDLINGS[name], Limits())
    times = [frame.time for frame in frames(made, EVERY)]
    assert times == pytest.approx([0.0, 0.04, 0.08, 0.2, 0.24, 0.5], abs=0.002)
    scale, found = HANDLINGS[name].scale, probe(made)
    assert abs(found.width - 83 * scale) <= 2
    assert abs(found.height - 61 * scale) <= 2


@pytest.mark.parametrize(("worse", "better"), [("jpeg40", "jpeg75"), ("jpeg75", "jpeg95")])
def test_a_lower_quality_keeps_less_of_a_still(still, new, worse, better):
    assert _error(still, new, "image", worse) > _error(still, new, "image", better) > 0


def test_a_higher_rate_factor_keeps_less_of_a_clip(clip, new):
    errors = [_error(clip, new, "video", name) for name in ("crf18", "crf28", "crf35")]
    assert errors == sorted(errors)
    assert errors[0] < errors[2]


def _error(path, new, kind, name):
    made = write(path, new, kind, HANDLINGS[name], Limits())
    before, after = (next(iter(frames(p, EVERY))).image for p in (path, made))
    height, width = after.shape[:2]
    return np.abs(before[:height, :width].astype(float) - after).mean()


def test_named_takes_each_once_and_all_for_all():
    assert [h.name for h in named(["half", "jpeg60", "half"])] == ["half", "jpeg60"]
    assert named(["half", "all"]) == tuple(HANDLINGS.values())
    assert named([]) == ()


def test_an_unknown_handling_lists_the_known():
    with pytest.raises(UnknownName, match=r"jpg60.*jpeg60"):
        named(["jpg60"])


def test_what_cannot_be_read_says_so(tmp_path, new):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(MediaError):
        write(tmp_path / "broken.png", new, "image", HANDLINGS["half"], Limits())


@pytest.mark.parametrize("kind", ["image", "video"])
def test_what_cannot_be_written_says_so(still, clip, tmp_path, kind):
    path = still if kind == "image" else clip
    with pytest.raises(DataError, match="can't be written"):
        write(path, tmp_path / "gone", kind, HANDLINGS["half"], Limits())
