import numpy as np
import pytest

from catchlight.detector.errors import DataError
from catchlight.generator.methods.autoencoder_swap import AutoencoderSwap
from catchlight.generator.swap.drawer import Drawn
from catchlight.generator.swap.feedback import judge, pair_seen_by, seen_by


class Redness:
    """A detector that takes red for fake, and points at the middle."""

    side = 64

    def score(self, crops):
        return np.array([crop.image[..., 0].mean() / 255 for crop in crops])

    def heatmaps(self, crops):
        heat = np.zeros((len(crops), 4, 4), np.float32)
        heat[:, 1:3, 1:3] = 1
        return heat


def test_a_detector_is_measured_against_originals_and_masks(portrait):
    red = portrait.image.copy()
    mask = np.zeros(red.shape[:2], np.float32)
    mask[40:120, 40:120] = 1
    red[mask > 0, 0] = 255
    seen = judge(Redness(), [portrait.image], [red], [mask], [portrait.landmarks])
    assert (seen.auc, seen.sooner, seen.swaps) == (1, 1, 1)
    assert seen.where > 1.5
    with pytest.raises(DataError, match="no swap to judge"):
        judge(Redness(), [], [], [], [])


def test_swaps_of_held_out_people_are_made_and_judged(drawn):
    seen = seen_by(Redness(), drawn, AutoencoderSwap(), count=4)
    assert seen.swaps == 4
    assert 0 <= seen.auc <= 1


class Painter:
    """A pair's network whose person is red all over."""

    side = 48

    def draw(self, target):
        red = np.zeros_like(target.image)
        red[..., 0] = 255
        return Drawn(red, np.ones(red.shape[:2], np.float32))


def test_swaps_of_a_pair_are_judged_on_its_own_pictures(portrait):
    seen = pair_seen_by(Redness(), Painter(), [portrait, portrait])
    assert (seen.sooner, seen.swaps) == (1, 2)
    with pytest.raises(DataError, match="no swap to judge"):
        pair_seen_by(Redness(), Painter(), [])
