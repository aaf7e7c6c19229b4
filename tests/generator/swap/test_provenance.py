import numpy as np
import pytest
from PIL import Image

from catchlight.detector.errors import ConfigError
from catchlight.generator.swap.provenance import IPTC, described, save_still


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_still_says_that_it_is_synthetic(suffix, tmp_path):
    path = tmp_path / f"out{suffix}"
    save_still(path, np.full((8, 8, 3), 99, np.uint8), described("autoencoder_swap"))
    with Image.open(path) as image:
        said = str(image.info)
        assert IPTC in said
        assert "synthetic: face replaced by catchlight (autoencoder_swap)" in said
        assert np.abs(np.asarray(image).astype(int) - 99).max() <= 1


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="must end in one of"):
        save_still(tmp_path / "out.bmp", np.zeros((8, 8, 3), np.uint8), "x")
