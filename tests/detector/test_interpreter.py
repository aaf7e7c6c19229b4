"""LiteRT is made ready from a file and from bytes, says nothing, and names what is no network."""

from __future__ import annotations

import numpy as np
import pytest

from catchlight.detector.face_models import NEAR
from catchlight.detector.interpreter import ready


def test_a_file_and_its_bytes_make_the_same_network(capfd):
    picture, answers = np.random.default_rng(1).random((1, 128, 128, 3), np.float32), []
    for source in (NEAR.path(), NEAR.path().read_bytes()):
        network = ready(source, threads=1)
        network.set_tensor(network.get_input_details()[0]["index"], picture)
        network.invoke()
        answers.append(network.get_tensor(network.get_output_details()[0]["index"]))
    assert np.array_equal(*answers)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("source", [b"", b"no network", "nowhere.tflite"])
def test_what_is_no_network_is_refused(source, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="model"):
        ready(source, threads=1)
