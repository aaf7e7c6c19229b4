from dataclasses import replace

import pytest

from catchlight.detector.errors import BundleError, UnknownName
from catchlight.generator.networks import stored, swap
from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.networks.warm_start import shipped, warm_start

pytestmark = pytest.mark.train
TINY = SwapConfig("pair", side=32, encoder=4, code=8, decoder=8)


def expect_same(given, taken):
    for one, same in zip(given.get_weights(), taken.get_weights(), strict=True):
        assert one == pytest.approx(same, abs=1e-3)


@pytest.mark.parametrize(("kind", "decoders"), [("pair", {}), ("encoder", dict.fromkeys("ab", "decoder"))])
def test_a_pair_starts_with_an_encoder_and_with_a_decoder_for_everybody(kind, decoders, tmp_path):
    other = replace(TINY, kind=kind)
    trained, model = swap.build(other), swap.build(TINY)
    stored.save(trained, other, tmp_path / "swap.npz")
    warm_start(model, TINY, tmp_path / "swap.npz")
    expect_same(trained.get_layer("encoder"), model.get_layer("encoder"))
    for person, name in decoders.items():
        expect_same(trained.get_layer(name), model.get_layer(f"decoder_{person}"))
    with pytest.raises(BundleError, match="can't start one of"):
        warm_start(model, replace(TINY, code=16), tmp_path / "swap.npz")


def test_others_take_all_of_their_own_kind_alone(tmp_path):
    one_shot = replace(TINY, kind="one_shot")
    trained = swap.build(one_shot)
    stored.save(trained, one_shot, tmp_path / "swap.npz")
    larger = replace(one_shot, side=48)
    model = swap.build(larger)
    warm_start(model, larger, tmp_path / "swap.npz")
    expect_same(trained, model)
    with pytest.raises(BundleError, match="can't start one of"):
        warm_start(model, TINY, tmp_path / "swap.npz")


def test_weights_that_do_not_come_with_the_package_are_named():
    assert shipped("encoder64").is_file()
    with pytest.raises(UnknownName, match="did you mean 'encoder64'"):
        shipped("encoder46")
