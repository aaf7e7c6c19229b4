"""Kinds of autoencoder: each is trained from its own description."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError, UnknownName
from catchlight.generator.methods.reconstruct import Reconstruct
from catchlight.generator.networks import kinds
from catchlight.generator.networks.autoencoder import AutoencoderConfig
from catchlight.generator.networks.kinds import Kind, train_kind
from catchlight.generator.networks.train_autoencoder import FitConfig

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("untraced")]


def test_a_kind_is_trained_and_used(astronaut, tmp_path, monkeypatch):
    tiny = Kind(AutoencoderConfig("bilinear", 16, 4, 8), FitConfig(steps=2, batch=2, crop=32))
    monkeypatch.setitem(kinds.KINDS, "tiny", tiny)
    path = train_kind("tiny", [astronaut[:64, 160:224]], tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name] == ["tiny.npz"]
    made = Reconstruct("tiny", tmp_path).reconstruct(np.zeros((1, 32, 32, 3), np.uint8))
    assert made.shape == (1, 32, 32, 3)


def test_a_perceptual_kind_asks_for_its_backbone(tmp_path, monkeypatch):
    monkeypatch.setitem(kinds.KINDS, "seen", Kind(AutoencoderConfig(), critic="perceptual"))
    with pytest.raises(ConfigError, match="MobileNetV2"):
        train_kind("seen", [np.zeros((96, 96, 3), np.uint8)], tmp_path)


def test_an_unknown_kind_lists_the_valid_ones(tmp_path):
    with pytest.raises(UnknownName, match="did you mean 'tc16'"):
        train_kind("tc61", [np.zeros((96, 96, 3), np.uint8)], tmp_path)
