"""MesoNet: its size and its one output."""

from pathlib import Path

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.models import meso

pytestmark = pytest.mark.train


def test_it_is_as_small_as_published():
    """Afchar et al. count 27,977 trainable weights at 256 px."""
    weights = sum(int(np.prod(w.shape)) for w in meso.build(256).trainable_weights)
    assert weights == pytest.approx(27977, abs=100)


def test_it_scores_pictures_of_its_side():
    model = meso.build(64)
    images = np.random.default_rng(1).integers(0, 256, (3, 64, 64, 3)).astype(np.uint8)
    made = model.predict(images, verbose=0)
    assert set(made) == {"score"}
    assert made["score"].shape == (3, 1)
    assert ((made["score"] > 0) & (made["score"] < 1)).all()


def test_it_takes_no_weights_of_a_backbone():
    with pytest.raises(ConfigError, match="starts at random"):
        meso.build(64, Path("weights.h5"))
