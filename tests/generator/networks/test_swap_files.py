import numpy as np
import pytest

from catchlight.detector.errors import BundleError
from catchlight.generator.networks import swap, swap_files
from catchlight.generator.networks.swap import SwapConfig

pytestmark = pytest.mark.train
TINY = SwapConfig("one_shot", side=32, encoder=4, code=8, decoder=8)


def test_weights_come_back_in_half_precision(tmp_path):
    model = swap.build(TINY)
    swap_files.save(model, TINY, tmp_path / "swap.npz")
    again, config = swap_files.load(tmp_path / "swap.npz")
    assert config == TINY
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        assert other == pytest.approx(one, abs=1e-3)


@pytest.mark.parametrize("damage", ["absent", "cut", "not finite", "of another shape"])
def test_damaged_weights_are_refused(damage, tmp_path):
    path, model = tmp_path / "swap.npz", swap.build(TINY)
    if damage == "not finite":
        model.set_weights([w * np.nan for w in model.get_weights()])
    if damage != "absent":
        other = SwapConfig("one_shot", side=32, encoder=8, code=8, decoder=8)
        swap_files.save(model, other if damage == "of another shape" else TINY, path)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(BundleError, match="no swap network can be read"):
        swap_files.load(path)
