import numpy as np
import pytest

from catchlight.generator.networks import stored, swap
from catchlight.generator.networks.compile_swap import compile_swap
from catchlight.generator.networks.swap import SwapConfig
from catchlight.generator.swap.drawer import Drawer
from catchlight.generator.types import Portrait

pytestmark = pytest.mark.train


def saved(kind, path):
    config = SwapConfig(kind, side=32, encoder=4, code=8, decoder=8)
    model = swap.build(config)
    stored.save(model, config, path)
    return model, config


def test_one_shot_networks_take_faces_of_any_size(tmp_path):
    saved("one_shot", tmp_path / "swap.npz")
    drawer = Drawer(compile_swap(tmp_path / "swap.npz", tmp_path / "one.tflite", side=48))
    assert (drawer.side, drawer.one_shot) == (48, True)


def test_a_compiled_pair_draws_its_person_as_the_network_does(tmp_path):
    model, config = saved("pair", tmp_path / "swap.npz")
    drawer = Drawer(compile_swap(tmp_path / "swap.npz", tmp_path / "b.tflite", "b"))
    assert (drawer.side, drawer.one_shot) == (32, False)
    image = np.random.default_rng(1).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    drawn = drawer.draw(Portrait(image, np.zeros((478, 2), np.float32)))
    wanted = np.asarray(swap.path(model, config, "b")(image[None].astype(np.float32)))[0]
    assert drawn.image / 255 == pytest.approx(wanted[..., :3], abs=0.01)
    assert drawn.mask == pytest.approx(wanted[..., 3], abs=0.01)
