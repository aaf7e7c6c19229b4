"""The networks of MediaPipe's package: found without importing it, and refused where they are not what is known."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from catchlight.detector.errors import ConfigError
from catchlight.detector.face_models import FAR, MESH, NEAR, Runner


@pytest.mark.parametrize("model", [FAR, NEAR, MESH], ids=lambda model: model.name.rpartition("/")[2])
def test_each_model_is_there_and_is_the_known_one(model):
    assert model.path().stat().st_size > 100_000


def test_a_model_of_another_release_is_refused_and_told_what_to_do():
    with pytest.raises(ConfigError, match=r"mediapipe==0\.10\.21"):
        replace(FAR, sha256="0" * 64).path()
    with pytest.raises(ConfigError, match="absent or altered"):
        replace(FAR, name="modules/none.tflite").path()


def test_a_model_runs_from_its_file_and_from_its_bytes_alike():
    blank = np.random.default_rng(1).random((1, 128, 128, 3), np.float32)
    of_file, of_bytes = (Runner(source).run(blank) for source in (NEAR.path(), NEAR.path().read_bytes()))
    for one, other in zip(of_file, of_bytes, strict=True):
        assert np.array_equal(one, other)


def test_mediapipe_is_not_imported_and_nothing_is_written():
    code = (
        "import sys\nfrom catchlight.detector.face_models import FAR, Runner\nRunner(FAR.path())\n"
        "assert not [m for m in sys.modules if m.split('.')[0] in ('mediapipe', 'tensorflow')]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
