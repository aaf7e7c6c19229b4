from dataclasses import replace

import pytest

from catchlight.detector.errors import BundleError
from catchlight.generator.networks import stored, swap
from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.networks.warm_start import warm_start

pytestmark = pytest.mark.train
TINY = SwapConfig("pair", side=32, encoder=4, code=8, decoder=8)


@pytest.mark.parametrize("kind", ["pair", "encoder"])
def test_a_pair_can_start_with_the_encoder_of_another_network(kind, tmp_path):
    other = replace(TINY, kind=kind)
    trained, model = swap.build(other), swap.build(TINY)
    stored.save(trained, other, tmp_path / "swap.npz")
    warm_start(model, TINY, tmp_path / "swap.npz")
    given, taken = (network.get_layer("encoder").get_weights() for network in (trained, model))
    for one, same in zip(given, taken, strict=True):
        assert one == pytest.approx(same, abs=1e-3)
    with pytest.raises(BundleError, match="can't start one of"):
        warm_start(model, replace(TINY, code=16), tmp_path / "swap.npz")


def test_others_take_all_of_their_own_kind_alone(tmp_path):
    one_shot = replace(TINY, kind="one_shot")
    trained = swap.build(one_shot)
    stored.save(trained, one_shot, tmp_path / "swap.npz")
    larger = replace(one_shot, side=48)
    model = swap.build(larger)
    warm_start(model, larger, tmp_path / "swap.npz")
    for one, same in zip(trained.get_weights(), model.get_weights(), strict=True):
        assert one == pytest.approx(same, abs=1e-3)
    with pytest.raises(BundleError, match="can't start one of"):
        warm_start(model, TINY, tmp_path / "swap.npz")
