import errno

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace

from catchlight.detector.errors import ConfigError, DataError
from catchlight.generator.swap.film import Film


def noise(number, shape=(64, 96)):
    return np.random.default_rng(number).integers(0, 255, (*shape, 3)).astype(np.uint8)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
def test_odd_times_and_the_label_are_kept(suffix, tmp_path):
    path, times = tmp_path / f"out{suffix}", (0.0, 0.04, 0.1, 0.11)
    with Film(path, "made up") as film:
        for number, time in enumerate(times):
            film.add(noise(number), time)
    with av.open(str(path)) as made:
        metadata = {name.lower(): value for name, value in made.metadata.items()}
        assert metadata["comment"] == "made up"
        assert [frame.time for frame in made.decode(video=0)] == pytest.approx(times, abs=0.002)


def test_odd_sides_and_masks_can_be_written(tmp_path):
    with Film(tmp_path / "out.mp4", "x") as film:
        film.add(np.full((33, 51), 0.5, np.float32), 0.0)
    with av.open(str(tmp_path / "out.mp4")) as made:
        (frame,) = made.decode(video=0)
        assert frame.colorspace == Colorspace.ITU709
        assert (frame.height, frame.width) == (33, 51)
        assert frame.to_ndarray(format="rgb24").mean() == pytest.approx(128, abs=3)


def test_a_clip_without_sound_gives_one_without(film, two_people, tmp_path):
    silent = film(tmp_path / "silent.mp4", two_people[:2], (0, 0.1))
    with Film(tmp_path / "out.mp4", "x", silent) as made:
        made.add(noise(1), 0.0)
    with av.open(str(tmp_path / "out.mp4")) as made:
        assert len(made.streams.audio) == 0


def test_sound_that_the_container_can_not_hold_is_named(tmp_path):
    with av.open(str(tmp_path / "in.wav"), "w") as out:
        audio = out.add_stream("pcm_mulaw", rate=8000, layout="mono")
        heard = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        heard.sample_rate, heard.pts = 8000, 0
        out.mux(audio.encode(heard))
        out.mux(audio.encode(None))
    film = Film(tmp_path / "out.mp4", "x", tmp_path / "in.wav")
    with pytest.raises(ConfigError, match="let the output end in .mkv"):
        film.__enter__()


def test_an_error_leaves_the_old_file(tmp_path):
    path = tmp_path / "out.mp4"
    path.write_bytes(b"old")
    with pytest.raises(DataError, match="stopped"):
        stop_half_way(path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]


def stop_half_way(path):
    with Film(path, "x") as film:
        film.add(noise(1), 0.0)
        raise DataError("stopped")


def test_nothing_to_write_and_an_unknown_suffix_are_refused(tmp_path):
    with pytest.raises(DataError, match="got no frame"), Film(tmp_path / "out.mp4", "x"):
        pass
    with pytest.raises(ConfigError, match="must end in one of"):
        Film(tmp_path / "out.avi", "x")


def test_a_full_disk_is_an_error_of_ours_and_leaves_nothing(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Film, "_write", full)
    with pytest.raises(DataError, match="No space left"), Film(tmp_path / "out.mp4", "x") as film:
        film.add(noise(1), 0.0)
    assert list(tmp_path.iterdir()) == []
