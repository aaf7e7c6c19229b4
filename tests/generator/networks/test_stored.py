import errno
from dataclasses import dataclass

import numpy as np
import pytest

from catchlight.detector.errors import BundleError, DataError
from catchlight.generator.networks import stored, swap
from catchlight.generator.networks.swap import SwapConfig

pytestmark = pytest.mark.train
TINY = SwapConfig("one_shot", side=32, encoder=4, code=8, decoder=8)


@dataclass(frozen=True)
class Other:
    """The configuration of something else."""

    teeth: int = 32


@pytest.fixture(scope="module")
def model():
    return swap.build(TINY)


def test_weights_come_back_in_half_precision(model, tmp_path):
    stored.save(model, TINY, tmp_path / "new" / "swap.npz")
    again, config = swap.load(tmp_path / "new" / "swap.npz")
    assert config == TINY
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        assert other == pytest.approx(one, abs=1e-3)


@pytest.mark.parametrize(
    "damage", ["absent", "text", "cut", "not finite", "of another shape", "of another kind"]
)
def test_damaged_weights_are_refused(damage, model, tmp_path):
    path = tmp_path / "swap.npz"
    other = {"of another shape": SwapConfig("one_shot", 32, 8, 8, 8), "of another kind": Other()}
    if damage == "not finite":
        model = swap.build(TINY)
        model.set_weights([w * np.nan for w in model.get_weights()])
    if damage != "absent":
        stored.save(model, other.get(damage, TINY), path)
    if damage in ("cut", "text"):
        path.write_bytes(path.read_bytes()[:500] if damage == "cut" else b"text")
    with pytest.raises(BundleError, match=r"no swap network can be read from .*Expected the swap.npz"):
        swap.load(path)


def test_a_full_disk_leaves_the_old_file(model, tmp_path, monkeypatch):
    path = tmp_path / "swap.npz"
    path.write_bytes(b"old")

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(DataError, match="No space left on device. Make room"):
        stored.save(model, TINY, path)
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["swap.npz"]
