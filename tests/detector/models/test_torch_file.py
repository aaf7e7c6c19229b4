"""Files of weights by PyTorch are read without it, and nothing in them runs."""

import pickle

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.models import torch_file


@pytest.fixture
def arrays():
    rng = np.random.default_rng(3)
    return {
        "kernel.weight": rng.normal(size=(4, 3, 2)).astype(np.float32),
        "bias": rng.normal(size=5).astype(np.float32),
    }


@pytest.mark.parametrize("transposed", [False, True], ids=["as it is", "axes in reverse"])
def test_arrays_come_back(tmp_path, torch_save, arrays, transposed):
    torch_save(tmp_path / "weights.pth", arrays, transposed)
    found = torch_file.read(tmp_path / "weights.pth")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_file_cut_short_is_refused(tmp_path, torch_save, arrays, share):
    path = tmp_path / "weights.pth"
    torch_save(path, arrays)
    data = path.read_bytes()
    path.write_bytes(data[: int(share * len(data))])
    with pytest.raises(ConfigError, match=r"weights.pth is no file of weights"):
        torch_file.read(path)


def test_a_file_that_names_code_is_refused_and_does_not_run(tmp_path):
    class Harm:
        def __reduce__(self):
            return exec, (f"open({str(tmp_path / 'harm')!r}, 'w')",)

    path = tmp_path / "weights.pth"
    path.write_bytes(
        b"".join(pickle.dumps(part) for part in (torch_file.MAGIC, 1001, {}, {"weight": Harm()}, []))
    )
    with pytest.raises(ConfigError, match=r"it names builtins.exec"):
        torch_file.read(path)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a picture, say", "no file of weights"),
        (pickle.dumps(7) * 3, "magic number"),
        (None, "No such file"),
    ],
    ids=["other bytes", "another pickle", "absent"],
)
def test_other_files_are_refused(tmp_path, content, why):
    path = tmp_path / "weights.pth"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=why):
        torch_file.read(path)
