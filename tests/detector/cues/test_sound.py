"""The loudness of a file over time; files without sound have none."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.cues.sound import SLICE, read_sound

BLACK = [np.zeros((64, 64, 3), np.uint8)] * 75


def test_loudness_rises_where_the_tone_begins(encode):
    tone = np.where(np.arange(48_000) < 24_000, 0.0, 0.5 * np.sin(np.arange(48_000) * 0.3)).astype(np.float32)
    sound = read_sound(encode("tone.mp4", BLACK, sound=tone), 0.0, 3.0)
    times = np.arange(len(sound.level)) * SLICE
    assert sound.rate == pytest.approx(1 / SLICE)
    assert sound.level[times < 1.4].max() < 0.02
    assert sound.level[(times > 1.7) & (times < 2.8)].mean() == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_a_file_without_sound_has_none(encode, tmp_path):
    assert read_sound(encode("silent.mp4", BLACK), 0.0, 3.0) is None
    (tmp_path / "text.mp4").write_text("no film")
    assert read_sound(tmp_path / "text.mp4", 0.0, 3.0) is None
